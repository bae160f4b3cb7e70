/**
 * Opens and closes second tabs as frames of this page.
 * @module
 */
import type { SecondTab } from './second-tab.ts';

/** A frame with its own modules; what its functions give runs there. */
export async function openSecondTab(): Promise<{ tab: SecondTab; close(): void }> {
  const frame = document.createElement('iframe');
  document.body.append(frame);
  const inside = frame.contentDocument as Document;
  const script = inside.createElement('script');
  script.type = 'module';
  script.src = new URL('./second-tab.ts', import.meta.url).href;
  await new Promise((resolve, reject) => {
    script.addEventListener('load', resolve);
    script.addEventListener('error', () => reject(new Error('the second tab did not load')));
    inside.head.append(script);
  });
  const { secondTab } = frame.contentWindow as unknown as { secondTab: SecondTab };
  return { tab: secondTab, close: () => frame.remove() };
}

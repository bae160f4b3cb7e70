/**
 * A desk with a lock: what a person does at it.
 * @module
 */
import { focused, mount, press, settled, type Mounted, type MountOptions } from './desk-fixture.ts';
import { busyScene, emptyScene, type Scene } from './scene.ts';

export const PIN = '284937';

/** Sara's desk, locked with a PIN before the page came. */
export async function lockedDesk(
  options: MountOptions & { readonly passkey?: boolean; readonly pin?: boolean } = {},
): Promise<{ scene: Scene; desk: Mounted }> {
  const scene = await busyScene();
  const { lock } = scene.sara;
  lock.passkey = options.passkey ?? false;
  if (options.pin === false) lock.pin = null;
  lock.unread = 3;
  lock.lockNow();
  return { scene, desk: await mount(scene.sara, options) };
}

/** Sara's desk, open, and nobody has chosen how to lock it. */
export async function unprotectedDesk(
  options: MountOptions & { readonly passkeyPossible?: boolean } = {},
): Promise<{ scene: Scene; desk: Mounted }> {
  const scene = emptyScene();
  scene.sara.lock.pin = null;
  scene.sara.lock.passkeyPossible = options.passkeyPossible ?? true;
  return { scene, desk: await mount(scene.sara, options) };
}

/** Types digits where the focus is, and confirms. */
export async function enter(pin: string): Promise<void> {
  for (const digit of pin) await press(digit);
  await press('Enter');
}

export async function click(desk: Mounted, selector: string): Promise<void> {
  desk.find(selector).click();
  await settled();
}

/** Whether digits that are typed now go to the pad. */
export function atPad(): boolean {
  return focused()?.matches('.entry') ?? false;
}

/** The page says that it is visible again. */
export async function comeBack(): Promise<void> {
  document.dispatchEvent(new Event('visibilitychange'));
  await settled();
}

/** A network that comes and goes, for `navigator.onLine`. */
export function network(): { set(online: boolean): Promise<void>; restore(): void } {
  let online = true;
  Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => online });
  return {
    async set(next) {
      online = next;
      dispatchEvent(new Event(next ? 'online' : 'offline'));
      await settled();
    },
    restore: () => Reflect.deleteProperty(navigator, 'onLine'),
  };
}

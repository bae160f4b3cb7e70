/**
 * How much of the screen there is: a phone's or a zoomed page's viewport gets a sheet instead of a floating window, and
 * the sheet keeps above the on-screen keyboard.
 * @module
 */
import type { ReactiveController } from 'lit';
import type { ScPanel } from './panel.ts';

const SMALL = '(max-width: 520px), (max-height: 480px)';
const SHORT = '(max-height: 480px)';

/** Sets the panel's `sheet` and `short`, and the custom properties of its place. */
export function fitViewport(panel: ScPanel): ReactiveController {
  const small = matchMedia(SMALL);
  const short = matchMedia(SHORT);
  const view = window.visualViewport;

  const onMedia = (): void => {
    panel.sheet = panel.mode === 'fullscreen' || (panel.mode === 'floating' && small.matches);
    panel.short = panel.mode !== 'inline' && short.matches;
  };
  const onView = (): void => {
    // Zoomed in by fingers: the reader moves about the sheet, which must hold still.
    if (!view || view.scale > 1.01) return;
    panel.style.setProperty('--_view-height', `${view.height}px`);
    panel.style.setProperty('--_view-top', `${view.offsetTop}px`);
  };

  return {
    hostConnected: () => {
      small.addEventListener('change', onMedia);
      short.addEventListener('change', onMedia);
      view?.addEventListener('resize', onView);
      view?.addEventListener('scroll', onView);
      onMedia();
      onView();
    },
    hostUpdate: onMedia,
    hostDisconnected: () => {
      small.removeEventListener('change', onMedia);
      short.removeEventListener('change', onMedia);
      view?.removeEventListener('resize', onView);
      view?.removeEventListener('scroll', onView);
    },
  };
}

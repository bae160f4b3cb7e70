/**
 * The button that opens the chat, without Lit.
 * @module
 */
import { chatIconPath, lockIconPath } from '../ui/launcher-icon-paths.ts';
import { launcherStyles } from './launcher-styles.ts';

export interface LauncherView {
  /** The button's accessible name. */
  readonly label: string;
  readonly unread: number;
  /** The panel stands in its place. */
  readonly open: boolean;
  /** There is none at all. */
  readonly hidden: boolean;
  readonly disabled: boolean;
  /** Something is loading. */
  readonly busy: boolean;
  /** It cannot work. */
  readonly unavailable: boolean;
  /** PIN or passkey is needed first. */
  readonly locked: boolean;
  /** Said beside the button; empty: nothing. */
  readonly notice: string;
}

/** Launcher, notice and the place of the panel in a shadow root. */
export class Launcher {
  /** Holds the panel. */
  readonly base: HTMLElement;
  readonly #button: HTMLButtonElement;
  readonly #badge: HTMLElement;
  readonly #notice: HTMLElement;
  readonly #icon = drawnIcon();

  constructor(root: ShadowRoot, onClick: () => void) {
    this.#badge = element('span', 'badge');
    this.#badge.ariaHidden = 'true';
    this.#button = element('button', 'launcher');
    this.#button.type = 'button';
    this.#button.ariaHasPopup = 'dialog';
    const slot = element('slot');
    slot.name = 'launcher';
    slot.append(this.#icon.svg);
    this.#button.append(slot, this.#badge);
    this.#button.addEventListener('click', onClick);
    this.#notice = element('p', 'notice');
    this.#notice.role = 'alert';
    this.base = element('div', 'base');
    this.base.append(this.#button, this.#notice);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(launcherStyles);
    root.adoptedStyleSheets = [sheet];
    root.append(this.base);
  }

  update(view: LauncherView): void {
    const button = this.#button;
    button.ariaLabel = view.label;
    button.ariaExpanded = String(view.open);
    button.ariaBusy = String(view.busy);
    button.disabled = view.disabled;
    button.hidden = view.hidden;
    button.classList.toggle('away', view.open);
    button.classList.toggle('unavailable', view.unavailable);
    this.#icon.draw(view.locked ? lockIconPath : chatIconPath);
    const mark = view.unavailable ? '!' : view.unread > 99 ? '99+' : String(view.unread || '');
    this.#badge.textContent = mark;
    this.#badge.hidden = mark === '';
    if (this.#notice.textContent !== view.notice) this.#notice.textContent = view.notice;
    this.#notice.hidden = view.notice === '' || view.open || view.hidden;
  }

  /** Null where there is no button to see. */
  get button(): HTMLElement | null {
    return this.#button.hidden ? null : this.#button;
  }
}

function element<Tag extends 'span' | 'button' | 'slot' | 'p' | 'div'>(
  tag: Tag,
  part?: string,
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (part !== undefined) made.className = part;
  if (part !== undefined && part !== 'notice') made.setAttribute('part', part);
  return made;
}

function drawnIcon(): { svg: SVGElement; draw(path: string): void } {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.ariaHidden = 'true';
  const path = document.createElementNS(namespace, 'path');
  svg.append(path);
  return { svg, draw: (d) => path.setAttribute('d', d) };
}

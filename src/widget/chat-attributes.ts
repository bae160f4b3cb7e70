/**
 * The attributes of `<secure-chat>` as properties. What they mean is documented there.
 * @module
 */
import type { History } from './client.ts';
import type { LockKind } from './chat-lock.ts';
import type { PanelMode } from './panel.ts';

/** On a server there is no HTMLElement; the class can still be imported. */
const Base = (globalThis.HTMLElement as typeof HTMLElement | undefined) ?? (class {} as typeof HTMLElement);

/** Properties that a page may have set before the element was defined. */
const UPGRADED = [
  ...(['relay', 'deskKey', 'open', 'heading', 'theme', 'accent', 'position', 'mode'] as const),
  ...(['hideLauncher', 'disabled', 'receipts', 'history', 'lockKind', 'lockAfter', 'strings'] as const),
] as const;

/** Minutes without use until a chat with a lock is locked, if the page does not say. */
const LOCK_AFTER = 15;
/** A week. */
const MOST_MINUTES = 10_080;

/** Each property mirrors its attribute; a value that is not one of those allowed counts as the default. */
export abstract class ChatAttributes extends Base {
  static readonly observedAttributes = [
    'relay',
    'desk-key',
    'open',
    'heading',
    'theme',
    'accent',
    'position',
    'mode',
    'hide-launcher',
    'lang',
    'disabled',
    'receipts',
    'history',
    'lock',
    'lock-after',
  ];

  get relay(): string {
    return this.getAttribute('relay') ?? '';
  }
  set relay(value: string) {
    this.setAttribute('relay', value);
  }

  get deskKey(): string {
    return this.getAttribute('desk-key') ?? '';
  }
  set deskKey(value: string) {
    this.setAttribute('desk-key', value);
  }

  get open(): boolean {
    return this.hasAttribute('open');
  }
  set open(value: boolean) {
    this.toggleAttribute('open', value);
  }

  get heading(): string {
    return this.getAttribute('heading') ?? '';
  }
  set heading(value: string) {
    this.setAttribute('heading', value);
  }

  get theme(): 'auto' | 'light' | 'dark' {
    const theme = this.getAttribute('theme');
    return theme === 'light' || theme === 'dark' ? theme : 'auto';
  }
  set theme(value: 'auto' | 'light' | 'dark') {
    this.setAttribute('theme', value);
  }

  get accent(): string {
    return this.getAttribute('accent') ?? '';
  }
  set accent(value: string) {
    this.setAttribute('accent', value);
  }

  get position(): 'end' | 'start' {
    return this.getAttribute('position') === 'start' ? 'start' : 'end';
  }
  set position(value: 'end' | 'start') {
    this.setAttribute('position', value);
  }

  get mode(): PanelMode {
    const mode = this.getAttribute('mode');
    return mode === 'inline' || mode === 'fullscreen' ? mode : 'floating';
  }
  set mode(value: PanelMode) {
    this.setAttribute('mode', value);
  }

  get hideLauncher(): boolean {
    return this.hasAttribute('hide-launcher');
  }
  set hideLauncher(value: boolean) {
    this.toggleAttribute('hide-launcher', value);
  }

  get disabled(): boolean {
    return this.hasAttribute('disabled');
  }
  set disabled(value: boolean) {
    this.toggleAttribute('disabled', value);
  }

  get receipts(): boolean {
    return this.hasAttribute('receipts');
  }
  set receipts(value: boolean) {
    this.toggleAttribute('receipts', value);
  }

  get history(): History {
    const history = this.getAttribute('history');
    return history === 'session' || history === 'none' ? history : 'persist';
  }
  set history(value: History) {
    this.setAttribute('history', value);
  }

  /** The attribute `lock`; `lock` itself is the method. */
  get lockKind(): LockKind {
    const kind = this.getAttribute('lock');
    return kind === 'passkey' || kind === 'off' ? kind : 'pin';
  }
  set lockKind(value: LockKind) {
    this.setAttribute('lock', value);
  }

  /** Minutes. */
  get lockAfter(): number {
    const text = this.getAttribute('lock-after')?.trim() ?? '';
    const minutes = text === '' ? NaN : Number(text);
    return minutes >= 0 && minutes <= MOST_MINUTES ? minutes : LOCK_AFTER;
  }
  set lockAfter(value: number) {
    this.setAttribute('lock-after', String(value));
  }

  /** A property set before the element was defined hides its accessor: takes its value over. */
  protected upgradeProperties(): void {
    for (const name of UPGRADED) {
      if (!Object.hasOwn(this, name)) continue;
      const value: unknown = Reflect.get(this, name);
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
  }
}

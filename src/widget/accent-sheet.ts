/**
 * The style sheet that the attribute `accent` makes.
 * @module
 */
import { accentTheme } from '../ui/accent.ts';

/** Adopted after the tokens' sheet, so that it counts more. */
export class AccentSheet {
  readonly sheet = new CSSStyleSheet();

  /** Takes any CSS colour, or nothing. Returns a warning's code, or null. @param root a connected shadow root */
  paint(root: ShadowRoot, accent: string): 'accent-contrast' | 'accent-malformed' | null {
    if (accent === '') {
      this.sheet.replaceSync('');
      return null;
    }
    const probe = document.createElement('span');
    root.append(probe);
    const theme = accentTheme(accent, probe);
    probe.remove();
    this.sheet.replaceSync(theme?.text ?? '');
    if (!theme) return 'accent-malformed';
    return theme.corrected ? 'accent-contrast' : null;
  }
}

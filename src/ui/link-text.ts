/**
 * Links in a text. Only what begins with a scheme or `www.` or is a mail address becomes one, and only if following it leads
 * where it says: no user name in front of the host, no invisible or direction-changing characters.
 * @module
 */

/** A run of text; with `href` it is a link to exactly that address. */
export interface TextSegment {
  readonly text: string;
  readonly href?: string;
  /** The host as the network knows it, where it differs from what is written (letters that look like others). */
  readonly host?: string;
}

const PROTOCOLS = new Set(['https:', 'http:', 'mailto:', 'tel:']);

/** Spaces, quotes, angle brackets, controls, zero-width and bidi characters end a link. */
const STOP = String.raw`\s<>"“”«»\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff`;
const CANDIDATE = new RegExp(
  String.raw`(?<![\p{L}\p{N}@._+-])(?:(?:https?://|mailto:|tel:|www\.)[^${STOP}]+|[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+)`,
  'giu',
);
/** Longer ones are left as text. */
const MAX_LINK = 2048;

/** The text in pieces, in order; joined they are the text again. */
export function linkSegments(text: string): TextSegment[] {
  const segments: TextSegment[] = [];
  let end = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const written = trimmed(match[0]);
    const link = safeLink(written);
    if (!link) continue;
    if (match.index > end) segments.push({ text: text.slice(end, match.index) });
    segments.push({ text: written, ...link });
    end = match.index + written.length;
  }
  if (end < text.length) segments.push({ text: text.slice(end) });
  return segments;
}

/** Punctuation at the end belongs to the sentence; a closing bracket only if none was opened. */
function trimmed(candidate: string): string {
  let text = candidate;
  for (;;) {
    const last = text.at(-1) ?? '';
    if (/[.,;:!?'’*_~…]/u.test(last)) text = text.slice(0, -1);
    else if (')]}'.includes(last) && last !== '' && !balanced(text, last)) text = text.slice(0, -1);
    else return text;
  }
}

function balanced(text: string, close: string): boolean {
  const open = '([{'.charAt(')]}'.indexOf(close));
  return text.split(open).length >= text.split(close).length;
}

function safeLink(written: string): { href: string; host?: string } | null {
  if (written.length > MAX_LINK) return null;
  const url = parsed(withScheme(written));
  if (!url || !PROTOCOLS.has(url.protocol)) return null;
  if (url.protocol === 'mailto:' || url.protocol === 'tel:') return url.pathname === '' ? null : { href: url.href };
  if (url.username !== '' || url.password !== '' || !url.hostname.includes('.')) return null;
  const shown = /^[a-z]+:\/\/([^/?#:]+)/i.exec(withScheme(written))?.[1]?.toLowerCase() ?? '';
  return shown === url.hostname ? { href: url.href } : { href: url.href, host: url.hostname };
}

function withScheme(written: string): string {
  if (/^www\./i.test(written)) return `https://${written}`;
  return /^[a-z]+:/i.test(written) ? written : `mailto:${written}`;
}

function parsed(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null; // not an address: it stays text
  }
}

/**
 * A fingerprint for reading out, group by group.
 * @module
 */
import { html, type TemplateResult } from 'lit';

/** @param fingerprint groups of digits, parted by spaces */
export function fingerprintTemplate(fingerprint: string): TemplateResult {
  return html`<p class="fingerprint" dir="ltr">
    ${fingerprint.split(' ').map((group) => html`<span>${group}</span> `)}
  </p>`;
}

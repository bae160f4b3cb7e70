/**
 * The PIN pad at one step of choosing or changing a PIN.
 * @module
 */
import { html, type TemplateResult } from 'lit';
import type { PinFlow } from '../ui/pin-flow.ts';
import type { DeskPhrases } from './strings.ts';

/** @param busy something else is under way */
export function pinTemplate(flow: PinFlow, phrases: DeskPhrases, { busy = false } = {}): TemplateResult {
  return html`<sc-pin-pad
    .label=${flow.label}
    .hint=${flow.hint}
    .failure=${flow.failure}
    .fresh=${flow.fresh}
    .disabledUntil=${flow.disabledUntil}
    .submit=${flow.submit}
    .busy=${busy}
    .phrases=${phrases.shared}
  ></sc-pin-pad>`;
}

/**
 * The PIN pad at one step of choosing or changing a PIN.
 * @module
 */
import { html, type TemplateResult } from 'lit';
import type { PinFlow } from '../ui/pin-flow.ts';
import type { DeskPhrases } from './strings.ts';

/** @param options `busy`: something else is under way; `level`: of the pad's heading */
export function pinTemplate(flow: PinFlow, phrases: DeskPhrases, { busy = false, level = 3 } = {}): TemplateResult {
  return html`<sc-pin-pad
    .label=${flow.label}
    .hint=${flow.hint}
    .failure=${flow.failure}
    .fresh=${flow.fresh}
    .disabledUntil=${flow.disabledUntil}
    .submit=${flow.submit}
    .busy=${busy}
    .level=${level}
    .phrases=${phrases.shared}
  ></sc-pin-pad>`;
}

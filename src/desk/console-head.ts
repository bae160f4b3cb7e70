/**
 * Over the lists: which desk, who sits at it, and what is always at hand.
 * @module
 */
import { html, type TemplateResult } from 'lit';
import { icon, type IconName } from '../ui/icons.ts';

export interface HeadTool {
  readonly icon: IconName;
  readonly label: string;
  /** The key chord that does the same; null: none. */
  readonly keys: string | null;
  readonly act: () => void;
}

export function headTemplate(head: {
  deskName: string;
  agentName: string;
  tools: readonly HeadTool[];
}): TemplateResult {
  return html`<div class="head">
    <div class="name">
      <h1 class="sentence">${head.deskName}</h1>
      <p>${head.agentName}</p>
    </div>
    ${head.tools.map(
      ({ icon: name, label, keys, act }) =>
        html`<button
          type="button"
          class="icon-button"
          aria-label=${label}
          title=${keys === null ? label : `${label} (${keys})`}
          @click=${act}
        >
          ${icon(name)}
        </button>`,
    )}
  </div>`;
}

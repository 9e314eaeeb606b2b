import { html } from './html.ts';

/** A run of words in both texts, or in one of them. */
export interface ShownRun {
  kind: 'same' | 'gone' | 'new';
  text: string;
}

/** What became of a text, word by word. */
export function WordChange({ runs }: { runs: readonly ShownRun[] }) {
  return html`<p class="caption">${runs.map(toElement)}</p>`;
}

function toElement({ kind, text }: ShownRun) {
  if (kind === 'gone') return html`<del>${text}</del>`;
  return kind === 'new' ? html`<ins>${text}</ins>` : text;
}

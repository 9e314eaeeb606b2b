import { html } from './html.ts';

/** The text as it goes out, part by part. */
export function Caption({ parts }: { parts: readonly string[] }) {
  if (parts.length === 1) return html`<p class="caption">${parts[0]}</p>`;
  return html`<ol class="thread">
    ${parts.map((part) => html`<li><p class="caption">${part}</p></li>`)}
  </ol>`;
}

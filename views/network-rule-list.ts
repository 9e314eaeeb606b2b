import { html } from './html.ts';

export interface ShownRule {
  id: string;
  severity: 'error' | 'warning';
  says: string;
  source: { url: string; checkedAt: string };
}

/** What a network asks of texts and pictures, each with the page where it stands; folded away until somebody looks. */
export function NetworkRuleList({ name, rules }: { name: string; rules: readonly ShownRule[] }) {
  return html`<details>
    <summary>Rules for texts and pictures<span class="hidden"> of ${name}</span></summary>
    <ul>
      ${rules.map(
        ({ id, severity, says, source }) =>
          html`<li key=${id}>
            ${says}${severity === 'warning' && ' A post that breaks it still goes out.'}${' '}
            <span class="hint"
              >${source.url.startsWith('https:') ? html`<a href=${source.url} rel="noreferrer">Source</a>, checked` : 'Checked'}${' '}
              ${source.checkedAt}</span
            >
          </li>`,
      )}
    </ul>
  </details>`;
}

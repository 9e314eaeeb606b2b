import { Notice } from './components.ts';
import { html } from './html.ts';

export interface ShownProblem {
  severity: 'error' | 'warning';
  /** What to do, as a sentence. */
  fix: string;
}

/** What keeps a caption from going out, and what people trip over. */
export function CaptionProblems({ problems }: { problems: readonly ShownProblem[] }) {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const warnings = problems.filter(({ severity }) => severity === 'warning');
  return html`<div class="problems">
    ${errors.length > 0 && html`<${Notice} tone="warning" title="It cannot go out like this.">${toList(errors)}<//>`}
    ${warnings.length > 0 && html`<${Notice} title="Worth a look">${toList(warnings)}<//>`}
  </div>`;
}

function toList(problems: readonly ShownProblem[]) {
  return html`<ul>
    ${problems.map(({ fix }) => html`<li>${fix}</li>`)}
  </ul>`;
}

import { html } from './html.ts';
import { Layout } from './layout.ts';

export interface ConnectProblemProps {
  title: string;
  /** What happened and what to do now. */
  advice: string;
  /** For whoever writes the client. */
  detail?: string;
}

/** An app could not be connected, and there is no way to tell the app itself. */
export function ConnectProblemPage({ title, advice, detail }: ConnectProblemProps) {
  return html`<${Layout} title=${title} width="narrow" back=${{ href: '/', label: 'Home' }}>
    <h1>${title}</h1>
    <p>${advice}</p>
    ${
      detail &&
      html`<details>
        <summary>For the app's makers</summary>
        <p><code>${detail}</code></p>
      </details>`
    }
  <//>`;
}

import { html } from './html.ts';
import { Layout } from './layout.ts';
import type { Words } from './words/words.ts';

export interface ConnectProblemProps {
  words: Words;
  title: string;
  /** What happened and what to do now. */
  advice: string;
  /** For whoever writes the client. */
  detail?: string;
}

/** An app could not be connected, and there is no way to tell the app itself. */
export function ConnectProblemPage({ words, title, advice, detail }: ConnectProblemProps) {
  return html`<${Layout}
    title=${title}
    width="narrow"
    words=${words}
    back=${{ href: '/', label: words.home }}
  >
    <h1>${title}</h1>
    <p>${advice}</p>
    ${
      detail &&
      html`<details>
        <summary>${words.forTheMakers}</summary>
        <p><code>${detail}</code></p>
      </details>`
    }
  <//>`;
}

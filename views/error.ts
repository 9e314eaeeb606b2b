import { LinkButton } from './components.ts';
import { html } from './html.ts';
import { Layout } from './layout.ts';

const TITLES: Readonly<Record<number, string>> = {
  400: 'That did not work',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Something changed meanwhile',
  429: 'Too many tries',
  503: 'Not available right now',
};

/** What went wrong and the way out. */
export function ErrorView({ status, message, id }: { status: number; message: string; id?: string }) {
  const title = TITLES[status] ?? (status < 500 ? 'That did not work' : 'Something went wrong');
  return html`<${Layout} title=${title} width="narrow">
    <h1>${title}</h1>
    <p>${message}</p>
    ${id && html`<p>If it happens again, tell the operator this number: <code>${id}</code></p>`}
    <p><${LinkButton} href="/">Go to the home page<//></p>
  <//>`;
}

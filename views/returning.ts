import { LinkButton } from './components.ts';
import { html } from './html.ts';
import { Layout } from './layout.ts';
import type { Around, Words } from './words/words.ts';

export interface ReturningProps {
  words: Words;
  /** Safe to show. */
  clientName: string;
  /** The client's redirect URI with the answer. */
  href: string;
  isDenied: boolean;
}

/**
 * The last page of a consent. It leaves by itself, because our policy lets no form lead to another site; an app on the
 * person's computer may need the click.
 */
export function ReturningPage({ words, clientName, href, isDenied }: ReturningProps) {
  const { title, goOn, approved, denied } = words.returning;
  const name = html`<bdi>${clientName}</bdi>`;
  return html`<${Layout} title=${inText(title, clientName)} width="narrow" refreshTo=${href} words=${words}>
    <h1>${title.before}${name}${title.after}</h1>
    <p>
      <${LinkButton} href=${href} look="primary">
        <span>${goOn.before}${name}${goOn.after}</span>
      <//>
    </p>
    <p>${isDenied ? denied : approved}</p>
  <//>`;
}

function inText({ before, after }: Around, name: string): string {
  return `${before}${name}${after}`;
}

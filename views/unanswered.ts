import { LinkButton } from './components.ts';
import { html } from './html.ts';
import { Layout } from './layout.ts';
import type { Words } from './words/words.ts';

export interface UnansweredProps {
  words: Words;
  /** Safe to show. */
  clientName: string;
  /** The client's redirect URI with the error. */
  href: string;
  /** Where that leads: a host, or the scheme of an app. */
  host: string;
  isOnThisComputer: boolean;
  /** For whoever writes the client. */
  detail: string;
}

/** A client that this person never allowed sent a request that cannot be answered: they decide whether to go there. */
export function UnansweredPage(props: UnansweredProps) {
  const { words, clientName, href, host, isOnThisComputer, detail } = props;
  const { title, advice } = words.problems.refused;
  const { leadsHere, leadsToSite, goTo } = words.unanswered;
  const leads = isOnThisComputer ? leadsHere : leadsToSite;
  const name = html`<bdi>${clientName}</bdi>`;
  return html`<${Layout}
    title=${title}
    width="narrow"
    words=${words}
    back=${{ href: '/', label: words.home }}
  >
    <h1>${title}</h1>
    <p>${words.client.calledItself}${' '}<q>${name}</q>. ${advice}</p>
    <p>${leads.before}<strong>${host}</strong>${leads.after}</p>
    <p><${LinkButton} href=${href}>${goTo.before}<bdi>${host}</bdi>${goTo.after}<//></p>
    <details>
      <summary>${words.forTheMakers}</summary>
      <p><code>${detail}</code></p>
    </details>
  <//>`;
}

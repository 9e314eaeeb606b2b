import type { Standing } from '../server/oauth/client-identity.ts';
import { Notice } from './components.ts';
import { html } from './html.ts';
import type { Words } from './words/words.ts';

/** Who asks, as far as anybody knows. */
export interface ConsentClient {
  /** What it calls itself; empty when nothing of it can be shown. */
  name: string;
  /** The known name that it carries or imitates. */
  known: string | null;
  standing: Standing;
  /** Where the answer goes: a host or the scheme of an app. */
  redirectHost: string;
  /** The answer stays on this computer, where no host name vouches for the app. */
  isOnThisComputer: boolean;
  /** For a client whose document host is verified, in place of a logo: nothing is fetched from it. */
  seal: { host: string; initial: string; hue: number } | null;
}

/** The name as it may be shown in a title or a link, where nothing can stand beside it. */
export function safeName(client: Pick<ConsentClient, 'name' | 'known' | 'standing'>, words: Words): string {
  if (client.standing === 'imitation') return words.client.imitates(client.known ?? '');
  return client.name || words.client.nameless;
}

/** What it calls itself, whether anything vouches for that, and what to check. A site stands in the heading. */
export function ConsentClientFacts({ client, words }: { client: ConsentClient; words: Words }) {
  const { standing, seal } = client;
  return html`<div class="asking">
    ${seal && html`<span class="initial" data-hue=${seal.hue} aria-hidden="true">${seal.initial}</span>`}
    <div class="who">
      <p>
        <${ClientName} client=${client} words=${words} />
        ${' '}<${StandingBadge} client=${client} words=${words} />
      </p>
      ${
        client.isOnThisComputer &&
        html`<p class="hint">
          ${words.client.goesHere.before}<strong><bdi>${client.redirectHost}</bdi></strong
          >${words.client.goesHere.after}
        </p>`
      }
    </div>
    <${Notice} tone=${standing === 'imitation' || standing === 'claim' ? 'warning' : 'note'}>
      ${findAdvice(client, words).map((advice) => html`<p key=${advice}>${advice}</p>`)}
    <//>
  </div>`;
}

function ClientName({ client, words }: { client: ConsentClient; words: Words }) {
  if (client.standing === 'imitation' || !client.name)
    return html`<strong>${safeName(client, words)}</strong>`;
  return html`${words.client.calledItself}${' '}<q><bdi>${client.name}</bdi></q>`;
}

function StandingBadge({ client, words }: { client: ConsentClient; words: Words }) {
  const { standing, seal } = client;
  if (seal) return html`<span class="badge" data-tone="good">${words.client.verified(seal.host)}</span>`;
  if (standing === 'known') return null;
  return html`<span class="badge" data-tone="warning">${words.client.unverified}</span>`;
}

function findAdvice(
  { standing, known, redirectHost, isOnThisComputer, seal }: ConsentClient,
  words: Words,
): string[] {
  const { client } = words;
  const claim = known ?? '';
  if (standing === 'imitation') return [client.checkImitation(claim)];
  if (isOnThisComputer) return [seal ? client.checkVerifiedHere(seal.host) : client.checkHere];
  if (standing === 'verified' || standing === 'known') return [client.checkKnownSite(redirectHost)];
  const check = client.checkSite(redirectHost);
  return standing === 'claim' ? [client.checkClaim(claim), check] : [`${check} ${client.anybody}`];
}

import { Button, Field, Form, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { networkName } from './networks.ts';

export interface LinkNetworkViewProps {
  viewer: Viewer;
  network: string;
  /** The handle of the account that is to be linked again. */
  relinks: { channelId: string; handle: string } | undefined;
  isProven: boolean;
  /** Names of settings; empty: ready. */
  missingSettings: readonly string[];
  /** It fetches pictures by itself, and cannot reach this server. */
  hasNoPictures: boolean;
  /** What publishing costs there, in a sentence; null: nothing. */
  price: string | null;
  needs: readonly string[];
  redirectUri: string;
  asksFor: 'server' | 'handle' | undefined;
  answer: string;
  problem?: LinkProblem | undefined;
}

export interface LinkProblem {
  /** `answer`: it is told at the field. */
  field: string | undefined;
  message: string;
}

const QUESTIONS = {
  server: {
    label: 'Server',
    hint: 'The address of the server that the account is on, for example mastodon.social',
  },
  handle: { label: 'Handle', hint: 'For example name.bsky.social' },
} as const;

export function LinkNetworkView(props: LinkNetworkViewProps) {
  const { viewer, network, relinks, missingSettings, problem } = props;
  const name = networkName(network);
  const back = { href: '/channels', label: 'Channels' };
  const isReady = missingSettings.length === 0;
  return html`<${Layout}
    title=${`Link ${name}`}
    viewer=${viewer}
    section="channels"
    back=${back}
    width="narrow"
    scripts=${['copy']}
  >
    <h1>
      ${relinks ? html`Link <bdi>${relinks.handle}</bdi> on ${name} again` : `Link an account on ${name}`}
    </h1>
    ${problem && problem.field !== 'answer' && html`<${Notice} tone="problem">${problem.message}<//>`}
    ${isReady ? html`<${LinkForm} ...${props} />` : html`<${WhatIsMissing} ...${props} />`}
    ${
      props.hasNoPictures &&
      html`<${Notice} tone="warning">
        ${name} fetches pictures by itself, and this server has no address on the internet: posts with
        pictures cannot go out until its operator sets PUBLIC_URL to an address that starts with https.
      <//>`
    }
    ${!props.isProven && html`<${Unproven} name=${name} />`}
    ${
      isReady
        ? html`<details class="card">
            <summary>For the operator of this server</summary>
            <${Registration} ...${props} />
          </details>`
        : html`<section class="card">
            <h2>What to register with ${name}</h2>
            <${Registration} ...${props} />
          </section>`
    }
  <//>`;
}

function LinkForm(props: LinkNetworkViewProps) {
  const { viewer, network, relinks, asksFor, answer, price, problem } = props;
  const name = networkName(network);
  const question = asksFor && QUESTIONS[asksFor];
  return html`<p>
      You go to ${name} and say there which account Grantcast may publish to. You can take that back there at
      any time.${relinks && html`${' '}Choose the account <bdi>${relinks.handle}</bdi> there.`}
    </p>
    ${price && html`<p>${price}</p>`}
    <${Form} action=${`/channels/link/${network}/begin`} csrfToken=${viewer.csrfToken}>
      <input type="hidden" name="team" value=${viewer.team.id} />
      ${relinks && html`<input type="hidden" name="channel" value=${relinks.channelId} />`}
      ${
        question &&
        html`<${Field}
          label=${question.label}
          name="answer"
          value=${answer}
          hint=${question.hint}
          error=${problem?.field === 'answer' ? problem.message : undefined}
          autocomplete="off"
          spellcheck=${false}
          maxlength=${253}
          required
        />`
      }
      <${Button}>Continue to ${name}<//>
    <//>`;
}

function WhatIsMissing({ network, missingSettings }: LinkNetworkViewProps) {
  const isOne = missingSettings.length === 1;
  return html`<${Notice} tone="warning" title=${`${networkName(network)} is not set up on this server`}>
    <p>
      The operator registers this server with ${networkName(network)} as below, writes${' '}
      ${isOne ? 'this setting' : 'these settings'} and starts it again:
    </p>
    <ul>
      ${missingSettings.map((setting) => html`<li key=${setting}><code>${setting}</code></li>`)}
    </ul>
  <//>`;
}

function Registration({ needs, redirectUri, network }: LinkNetworkViewProps) {
  return html`<div class="field">
      <label for="redirect-uri">Redirect URI, to be registered exactly so</label>
      <div class="copy">
        <textarea id="redirect-uri" rows="2" readonly data-copy spellcheck=${false}>${redirectUri}</textarea>
      </div>
    </div>
    ${
      needs.length > 0
        ? html`<h3>What the registration needs besides</h3>
            <ul>
              ${needs.map((need) => html`<li key=${need}>${need}</li>`)}
            </ul>`
        : html`<p class="hint">
            Nothing has to be registered by hand: this server introduces itself to ${networkName(network)}.
          </p>`
    }`;
}

/** Where a full run against the service itself has not passed, people know before they rely on it. */
export function Unproven({ name }: { name: string }) {
  return html`<p class="hint">
    <span class="badge" data-tone="note">Not yet proven against the real service</span>${' '}Tested against a
    stand-in built from what ${name} documents.
  </p>`;
}

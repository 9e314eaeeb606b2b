import { Button, Card, Field, Form, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { channelName, networkName } from './networks.ts';
import { OutsideLink } from './outside-link.ts';
import { StateBadge } from './state-badge.ts';

export interface ShownSettlement {
  postId: string;
  rev: number;
  channelId: string;
  network: string;
  handle: string;
  imitates: string | null;
  state: string;
  url: string | null;
  problem: { message: string } | null;
  evidence: readonly string[];
  excerpt: string;
  guarantee: 'exact' | 'idempotent' | 'read_back' | 'none';
  isUnclear: boolean;
}

export interface SettleDeliveryViewProps {
  viewer: Viewer;
  settlement: ShownSettlement;
  /** What was wrong with the form that was sent. */
  error?: { field: string | undefined; message: string } | undefined;
}

const STOPPED_STATES = new Set(['unknown', 'needs_attention', 'failed', 'missed', 'held']);

/** States on a channel that a person can settle. */
export function maySettle(state: string): boolean {
  return STOPPED_STATES.has(state);
}

/** The evidence, and the four ways out. */
export function SettleDeliveryView({ viewer, settlement, error }: SettleDeliveryViewProps) {
  const { postId, rev, channelId, state, url, problem, evidence, excerpt, guarantee, isUnclear } = settlement;
  const back = { href: `/posts/${postId}`, label: 'Post' };
  const network = networkName(settlement.network);
  const form = { action: `/posts/${postId}/settle/${channelId}`, csrfToken: viewer.csrfToken };
  const mayDouble = isUnclear && guarantee !== 'exact' && guarantee !== 'idempotent';
  const errorOf = (field: string) => (error?.field === field ? error.message : undefined);
  return html`<${Layout}
    title="Settle a delivery"
    viewer=${viewer}
    section="posts"
    back=${back}
    width="narrow"
  >
    <div class="line">
      <h1>${channelName(settlement)}</h1>
      <${StateBadge} state=${state} />
    </div>
    <p class="caption">${excerpt}</p>
    ${error && !error.field && html`<${Notice} tone="problem">${error.message}<//>`}
    ${problem && html`<${Notice} tone="warning">${problem.message}<//>`}
    ${url && html`<p><${OutsideLink} url=${url}>See it on ${network}<//></p>`}
    <${Card} title="What is known">
      ${
        evidence.length === 0
          ? html`<p>Nothing was sent to ${network}.</p>`
          : html`<ol class="attempts">
              ${evidence.map((line) => html`<li key=${line}>${line}</li>`)}
            </ol>`
      }
      <p class="hint">${guaranteeWords(guarantee, network)}</p>
    <//>
    ${!maySettle(state) && html`<p>There is nothing to settle here.</p>`}
    ${
      maySettle(state) &&
      isUnclear &&
      guarantee !== 'none' &&
      html`<${Card} title="Ask the network">
        <${Form} ...${form} label="Ask the network">
          <p>${network} is asked now whether it has this post.</p>
          <${Button} name="action" value="check">Ask ${network}<//>
        <//>
      <//>`
    }
    ${
      maySettle(state) &&
      html`<${Card} title="It is there">
        <${Form} ...${form} label="It is there">
          <${Field}
            label=${`Address of the post on ${network}`}
            name="permalink"
            type="url"
            required
            error=${errorOf('permalink')}
          />
          <${Button} look="plain" name="action" value="record_as_posted">Record as posted<//>
        <//>
      <//>`
    }
    ${
      maySettle(state) &&
      html`<${Card} title=${mayDouble ? 'It is not there' : 'Send it again'}>
        <${Form} ...${form} label="Send it again">
          <input type="hidden" name="rev" value=${rev} />
          ${
            mayDouble &&
            html`<div class="check">
              <input type="checkbox" id="confirmed" name="confirmed" value="yes" required />
              <label for="confirmed"
                >I looked at ${network}: this post is not there, and it may be sent again.</label
              >
              ${errorOf('confirmed') && html`<p class="error">${errorOf('confirmed')}</p>`}
            </div>`
          }
          ${isUnclear && !mayDouble && html`<p>${network} guarantees that it cannot be posted twice by this.</p>`}
          <${Button} look="plain" name="action" value="retry">Send it again now<//>
        <//>
      <//>`
    }
    ${
      maySettle(state) &&
      html`<${Card} title="Give up">
        <${Form} ...${form} label="Give up">
          <p>It ends here. What is known about it stays.</p>
          <${Button} look="danger" name="action" value="give_up">Give up<//>
        <//>
      <//>`
    }
  <//>`;
}

function guaranteeWords(guarantee: ShownSettlement['guarantee'], network: string): string {
  return {
    exact: `${network} tells exactly whether it has a post, and cannot take the same one twice.`,
    idempotent: `${network} does not take the same post twice while it remembers it.`,
    read_back: `${network} can be asked for recent posts, but may take the same one twice.`,
    none: `${network} cannot be asked, and may take the same post twice.`,
  }[guarantee];
}

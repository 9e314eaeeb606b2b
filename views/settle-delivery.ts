import { Proposals } from './approval-proposal.ts';
import { Button, Card, Field, Form, Notice } from './components.ts';
import type { ShownContent, ShownDelivery } from './delivery-card.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { channelName, networkName } from './networks.ts';
import { OutsideLink } from './outside-link.ts';
import { maySettle, StateBadge } from './state-badge.ts';

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
  /** The caption that stopped. */
  parts: readonly string[];
  guarantee: 'exact' | 'idempotent' | 'read_back' | 'none';
  isUnclear: boolean;
}

export interface SettleDeliveryViewProps {
  viewer: Viewer;
  settlement: ShownSettlement;
  post: { rev: number; contentHash: string; timeZone: string };
  /** Where the post has not gone out, the stopped one among them. */
  open: readonly ShownDelivery[];
  /** Pictures and problems, by delivery. */
  contents: ReadonlyMap<string, ShownContent>;
  /** Where and when the other channels would go out, for the form to say what was shown. */
  otherPlaces: string;
  /** What was wrong with the form that was sent. */
  error?: { field: string | undefined; message: string } | undefined;
  /** The address in the form that was sent. */
  permalink?: string | undefined;
}

/** The evidence, and the four ways out. */
export function SettleDeliveryView(props: SettleDeliveryViewProps) {
  const { viewer, settlement, post, error, permalink } = props;
  const { postId, channelId, state, url, problem, evidence, parts, guarantee, isUnclear } = settlement;
  const back = { href: `/posts/${postId}`, label: 'Post' };
  const network = networkName(settlement.network);
  const form = { action: `/posts/${postId}/settle/${channelId}`, csrfToken: viewer.csrfToken };
  const errorOf = (field: string) => (error?.field === field ? error.message : undefined);
  // A field that is there says itself what is wrong with it.
  const isFieldThere =
    (error?.field === 'permalink' && maySettle(state)) || (error?.field === 'confirmed' && asksToLook(props));
  return html`<${Layout}
    title="Settle a delivery"
    viewer=${viewer}
    section="posts"
    back=${back}
    width="narrow"
    styles=${['posts', 'approval']}
  >
    <div class="line">
      <h1>${channelName(settlement)}</h1>
      <${StateBadge} state=${state} />
    </div>
    ${parts.map((part, index) => html`<p key=${index} class="caption">${part}</p>`)}
    ${error && !isFieldThere && html`<${Notice} tone="problem">${error.message}<//>`}
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
            value=${permalink}
            error=${errorOf('permalink')}
          />
          <${Button} look="plain" name="action" value="record_as_posted">Record as posted<//>
        <//>
      <//>`
    }
    ${maySettle(state) && (settlement.rev === post.rev ? html`<${SendAgain} ...${props} />` : html`<${ChangedSince} ...${props} />`)}
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

/** Sending it again asks for a tick, because it may be there twice. */
function asksToLook({ settlement, post }: SettleDeliveryViewProps): boolean {
  const { state, rev, isUnclear, guarantee } = settlement;
  const mayDouble = isUnclear && guarantee !== 'exact' && guarantee !== 'idempotent';
  return mayDouble && maySettle(state) && rev === post.rev;
}

/** All that the press of the button is a yes to, and the button. */
function SendAgain(props: SettleDeliveryViewProps) {
  const { viewer, settlement, post, open, contents, otherPlaces, error } = props;
  const { postId, channelId, isUnclear } = settlement;
  const network = networkName(settlement.network);
  const mayDouble = asksToLook(props);
  const problem = error?.field === 'confirmed' && error.message;
  // The stopped one keeps the time that it was meant for, and goes out now.
  const shown = open.map((delivery) =>
    delivery.channelId === channelId ? { ...delivery, dueAt: null } : delivery,
  );
  return html`<div class="through">
    <${Notice} title="Sending it again is your yes to all of this">
      <p>
        ${shown.length > 1 ? 'It counts for every channel here: a client may then send it there without asking again.' : 'This is what goes out.'}
      </p>
    <//>
    <${Proposals} deliveries=${shown} contents=${contents} timeZone=${post.timeZone} />
    <${Card} title=${mayDouble ? 'It is not there' : 'Send it again'}>
      <${Form}
        action=${`/posts/${postId}/settle/${channelId}`}
        csrfToken=${viewer.csrfToken}
        label="Send it again"
      >
        <input type="hidden" name="rev" value=${post.rev} />
        <input type="hidden" name="content_hash" value=${post.contentHash} />
        <input type="hidden" name="places" value=${otherPlaces} />
        ${
          mayDouble &&
          html`<div class="check">
            <input type="checkbox" id="confirmed" name="confirmed" value="yes" required />
            <label for="confirmed"
              >I looked at ${network}: this post is not there, and it may be sent again.</label
            >
            ${problem && html`<p class="error">${problem}</p>`}
          </div>`
        }
        ${isUnclear && !mayDouble && html`<p>${network} guarantees that it cannot be posted twice by this.</p>`}
        <${Button} look="plain" name="action" value="retry">Send it again now<//>
      <//>
    <//>
  </div>`;
}

function ChangedSince({ settlement: { postId, rev }, post }: SettleDeliveryViewProps) {
  return html`<${Card} title="Send it again">
    <p>Revision ${rev} stopped here, and the post is at revision ${post.rev} by now.</p>
    <p><a href=${`/posts/${postId}`}>Look at the post</a></p>
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

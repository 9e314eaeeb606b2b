import { Caption } from './caption.ts';
import { Button, Field, Form, LinkButton, Notice } from './components.ts';
import type { ShownDelivery } from './delivery-card.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';
import { channelName } from './networks.ts';
import { Author, type ShownPost } from './post.ts';
import { StateBadge } from './state-badge.ts';

export interface ApprovalViewProps {
  viewer: Viewer;
  post: ShownPost & { contentHash: string };
  /** Where and when what waits would go out, for the form to say what was shown. */
  places: string;
  /** Why a person is asked, in words, by delivery. */
  reasons: ReadonlyMap<string, string>;
  /** Deliveries whose time has come. */
  due: ReadonlySet<string>;
  mayAct: boolean;
  /** Why the decision was not taken. */
  problem?: string | undefined;
  note?: string | undefined;
}

/** What has gone out there cannot go out again. */
const OVER: ReadonlySet<string> = new Set(['published', 'taken_down']);

/** Shows one exact revision and asks for a yes or a no to it. */
export function ApprovalView(props: ApprovalViewProps) {
  const { viewer, post, places, reasons, due, mayAct, problem, note } = props;
  const waiting = post.deliveries.filter(({ isWaitingForDecision }) => isWaitingForDecision);
  const others = post.deliveries.filter(
    ({ isWaitingForDecision, state }) => !isWaitingForDecision && !OVER.has(state),
  );
  const back = { href: `/posts/${post.id}`, label: 'The post' };
  return html`<${Layout} title="Approve a post" viewer=${viewer} section="posts" back=${back} width="narrow">
    <h1>${waiting.length > 0 ? 'May this go out?' : 'Nothing to decide'}</h1>
    ${problem && html`<${Notice} tone="problem" title="Your decision was not taken.">${problem}<//>`}
    <p class="meta">
      <span>in <a href=${`/campaigns/${post.campaignId}`}>${post.campaignName}</a></span>
      <span>revision ${post.rev}</span>
      <span>written by <${Author} ...${post.createdBy} /></span>
    </p>
    ${
      waiting.length === 0 &&
      html`<${Notice}>
        <p>Nothing of this post waits for approval: it was decided already, or taken off the schedule.</p>
        <p><${LinkButton} href=${back.href}>Look at the post<//></p>
      <//>`
    }
    ${waiting.map((delivery) => html`<${Proposal} key=${delivery.id} delivery=${delivery} reason=${reasons.get(delivery.id)} isDue=${due.has(delivery.id)} timeZone=${post.timeZone} />`)}
    ${
      waiting.length > 0 &&
      others.length > 0 &&
      html`<${Notice} title="The same post on its other channels">
        A yes is to these texts too: the client may then send them without asking again.
      <//>`
    }
    ${waiting.length > 0 && others.map((delivery) => html`<${Proposal} key=${delivery.id} delivery=${delivery} timeZone=${post.timeZone} />`)}
    ${waiting.length > 0 && !mayAct && html`<${Notice}>As a viewer of this team you can look, but not decide.<//>`}
    ${
      waiting.length > 0 &&
      mayAct &&
      html`<${Form} action=${`/posts/${post.id}/approve`} csrfToken=${viewer.csrfToken} label="Decide">
        <input type="hidden" name="rev" value=${post.rev} />
        <input type="hidden" name="content_hash" value=${post.contentHash} />
        <input type="hidden" name="places" value=${places} />
        <${Field}
          label="Note"
          name="note"
          rows=${2}
          maxlength=${500}
          value=${note}
          hint="Optional. Your team and the client can read it."
        />
        <div class="decision">
          <${Button} name="decision" value="approve">Approve<//>
          <${Button} look="danger" name="decision" value="reject">Reject<//>
        </div>
      <//>`
    }
  <//>`;
}

function Proposal({
  delivery,
  reason,
  isDue = false,
  timeZone,
}: {
  delivery: ShownDelivery;
  reason?: string | undefined;
  isDue?: boolean;
  timeZone: string;
}) {
  return html`<section class="card" aria-label=${channelName(delivery)}>
    <div class="line">
      <h2>${channelName(delivery)}</h2>
      <${StateBadge} state=${delivery.state} />
    </div>
    <${Caption} parts=${delivery.parts} />
    <dl class="facts">
      ${
        delivery.dueAt &&
        html`<div>
          <dt>Goes out</dt>
          <dd>
            ${isDue && 'At once, when you approve. It was meant for '}
            <${Moment} at=${delivery.dueAt} timeZone=${delivery.timeZone ?? timeZone} />
          </dd>
        </div>`
      }
      ${
        reason &&
        html`<div>
          <dt>Why you are asked</dt>
          <dd>${reason}</dd>
        </div>`
      }
      ${
        delivery.scheduledBy &&
        html`<div>
          <dt>Asked by</dt>
          <dd><${Author} ...${delivery.scheduledBy} /></dd>
        </div>`
      }
    </dl>
  </section>`;
}

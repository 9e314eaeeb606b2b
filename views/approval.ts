import { Caption } from './caption.ts';
import { Button, Field, Form, LinkButton, Notice } from './components.ts';
import { CaptionProblems } from './caption-problems.ts';
import type { ShownContent, ShownDelivery } from './delivery-card.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';
import { channelName } from './networks.ts';
import { PostChange, type ShownChange } from './post-change.ts';
import { PostPictures } from './post-pictures.ts';
import { Author, type ShownPost } from './post.ts';
import { StateBadge } from './state-badge.ts';

export interface ApprovalViewProps {
  viewer: Viewer;
  post: ShownPost & { contentHash: string; approvalRequest: ShownRequest | null };
  /** Pictures and problems, by delivery. */
  contents: ReadonlyMap<string, ShownContent>;
  /** Since the last revision that was approved; null when there is none or this is it. */
  change: ShownChange | null;
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

/** A client's request that somebody approves the revision, on the calendar or not. */
export interface ShownRequest {
  state: 'open' | 'answered' | 'expired';
  note: string | null;
  reviewerName: string | null;
  requestedBy: { personName: string; clientName: string | null };
  expiresAt: Date;
}

/** What has gone out there cannot go out again. */
const OVER: ReadonlySet<string> = new Set(['published', 'taken_down']);

/** Shows one exact revision and asks for a yes or a no to it. */
export function ApprovalView(props: ApprovalViewProps) {
  const { viewer, post, contents, change, places, reasons, due, mayAct, problem, note } = props;
  const waiting = post.deliveries.filter(({ isWaitingForDecision }) => isWaitingForDecision);
  const others = post.deliveries.filter(
    ({ isWaitingForDecision, state }) => !isWaitingForDecision && !OVER.has(state),
  );
  const { approvalRequest: request } = post;
  const isAsked = waiting.length > 0 || request?.state === 'open';
  const back = { href: `/posts/${post.id}`, label: 'The post' };
  return html`<${Layout} title="Approve a post" viewer=${viewer} section="posts" back=${back} width="narrow">
    <h1>${isAsked ? 'May this go out?' : 'Nothing to decide'}</h1>
    ${problem && html`<${Notice} tone="problem" title="Your decision was not taken.">${problem}<//>`}
    <p class="meta">
      <span>in <a href=${`/campaigns/${post.campaignId}`}>${post.campaignName}</a></span>
      <span>revision ${post.rev}</span>
      <span>written by <${Author} ...${post.createdBy} /></span>
    </p>
    ${isAsked && request?.state === 'open' && html`<${Request} request=${request} isUntimed=${waiting.length === 0} timeZone=${post.timeZone} />`}
    ${
      !isAsked &&
      html`<${Notice}>
        ${
          request?.state === 'expired'
            ? html`<p>
                The request to approve this post expired on${' '}
                <${Moment} at=${request.expiresAt} timeZone=${post.timeZone} />. Whoever wants it approved
                asks again.
              </p>`
            : html`<p>
                Nothing of this post waits for approval: it was decided already, or taken off the schedule.
              </p>`
        }
        <p><${LinkButton} href=${back.href}>Look at the post<//></p>
      <//>`
    }
    ${isAsked && change && html`<${PostChange} change=${change} timeZone=${post.timeZone} />`}
    ${waiting.map((delivery) => html`<${Proposal} key=${delivery.id} content=${contents.get(delivery.id)} delivery=${delivery} reason=${reasons.get(delivery.id)} isDue=${due.has(delivery.id)} timeZone=${post.timeZone} />`)}
    ${
      waiting.length > 0 &&
      others.length > 0 &&
      html`<${Notice} title="The same post on its other channels">
        A yes is to these texts and pictures too: the client may then send them without asking again.
      <//>`
    }
    ${isAsked && others.map((delivery) => html`<${Proposal} key=${delivery.id} content=${contents.get(delivery.id)} delivery=${delivery} timeZone=${post.timeZone} />`)}
    ${isAsked && !mayAct && html`<${Notice}>As a viewer of this team you can look, but not decide.<//>`}
    ${
      isAsked &&
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

function Request({
  request,
  isUntimed,
  timeZone,
}: {
  request: ShownRequest;
  isUntimed: boolean;
  timeZone: string;
}) {
  return html`<section class="card" aria-label="The request">
    ${request.note && html`<blockquote>${request.note}</blockquote>`}
    ${
      isUntimed &&
      html`<p>
        It has no time yet. A yes is to these texts: the client may then schedule them without asking again,
        unless a rule of the team asks because of the time.
      </p>`
    }
    <dl class="facts">
      <div>
        <dt>Asked by</dt>
        <dd><${Author} ...${request.requestedBy} /></dd>
      </div>
      ${
        request.reviewerName &&
        html`<div>
          <dt>Asked for</dt>
          <dd>${request.reviewerName}; every owner and editor may answer</dd>
        </div>`
      }
      <div>
        <dt>Until</dt>
        <dd><${Moment} at=${request.expiresAt} timeZone=${timeZone} /></dd>
      </div>
    </dl>
  </section>`;
}

function Proposal({
  delivery,
  content,
  reason,
  isDue = false,
  timeZone,
}: {
  delivery: ShownDelivery;
  content: ShownContent | undefined;
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
    <${PostPictures} pictures=${content?.pictures ?? []} />
    <${CaptionProblems} problems=${content?.problems ?? []} />
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

import { AskingConnections, Request, type ShownAsker, type ShownRequest } from './approval-asker.ts';
import { Proposal } from './approval-proposal.ts';
import { Button, Field, LinkButton, Notice } from './components.ts';
import type { ShownContent } from './delivery-card.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';
import { PostChange, type ShownChange } from './post-change.ts';
import { Author, Decision, type ShownPost } from './post.ts';

export interface ApprovalViewProps {
  viewer: Viewer;
  post: ShownPost & { contentHash: string; approvalRequest: ShownRequest | null };
  /** Pictures and problems, by delivery. */
  contents: ReadonlyMap<string, ShownContent>;
  /** Since the last revision that was approved, or the one that was looked at; null when there is none or this is it. */
  change: ShownChange | null;
  /** Where and when what waits would go out, for the form to say what was shown. */
  places: string;
  /** Why a person is asked, in words, by delivery. */
  reasons: ReadonlyMap<string, string>;
  /** Deliveries whose time has come. */
  due: ReadonlySet<string>;
  /** When what was decided about would have gone out, as the person was shown it. */
  shownTimes: ReadonlyMap<string, Date>;
  /** The connections under which clients ask. */
  askers: readonly ShownAsker[];
  queue: ApprovalQueue;
  /** What became of the post before this one. */
  decided: { words: string; postId: string | null } | undefined;
  mayAct: boolean;
  /** Why the decision was not taken. */
  problem?: string | undefined;
  note?: string | undefined;
}

/** What else waits for the person, as addresses. */
export interface ApprovalQueue {
  others: number;
  previousHref: string | undefined;
  nextHref: string | undefined;
}

/** What has gone out there cannot go out again. */
const OVER: ReadonlySet<string> = new Set(['published', 'taken_down']);

/**
 * Shows one exact revision and asks for a yes or a no to it. It does not refresh itself: what stands there when a person
 * presses Approve is what they have read.
 */
export function ApprovalView(props: ApprovalViewProps) {
  const { viewer, post, contents, change, reasons, due, shownTimes, askers, decided, mayAct, problem } =
    props;
  const waiting = post.deliveries.filter(({ isWaitingForDecision }) => isWaitingForDecision);
  const others = post.deliveries.filter(
    ({ isWaitingForDecision, state }) => !isWaitingForDecision && !OVER.has(state),
  );
  const { approvalRequest: request, timeZone } = post;
  const isAsked = waiting.length > 0 || request?.state === 'open';
  const title = isAsked ? 'May this go out?' : 'Nothing to decide';
  return html`<${Layout}
    title=${decided ? `${decided.words} ${title}` : title}
    viewer=${viewer}
    section="approvals"
    back=${{ href: '/approvals', label: 'Approvals' }}
    width="narrow"
    styles=${['posts', 'approval']}
  >
    <div class="approval">
      ${decided && html`<${Decided} ...${decided} />`} <${Queue} ...${props.queue} />
      <h1>${title}</h1>
      ${problem && html`<${Notice} tone="problem" title="Your decision was not taken."><p>${problem}</p><//>`}
      <p class="meta">
        <span>in <a href=${`/campaigns/${post.campaignId}`}>${post.campaignName}</a></span>
        <span>revision ${post.rev}</span>
        <span>written by <${Author} ...${post.createdBy} /></span>
      </p>
      ${!isAsked && html`<${Nothing} post=${post} />`}
      ${isAsked && change && html`<${PostChange} change=${change} timeZone=${timeZone} />`}
      ${isAsked && request?.state === 'open' && html`<${Request} request=${request} isUntimed=${waiting.length === 0} timeZone=${timeZone} />`}
      ${waiting.map(
        (delivery) =>
          html`<${Proposal}
            key=${delivery.id}
            content=${contents.get(delivery.id)}
            delivery=${delivery}
            reason=${reasons.get(delivery.id)}
            isDue=${due.has(delivery.id)}
            shownDueAt=${shownTimes.get(delivery.id)}
            timeZone=${timeZone}
          />`,
      )}
      ${
        waiting.length > 0 &&
        others.length > 0 &&
        html`<${Notice} title="The same post on its other channels">
          A yes is to these texts and pictures too: the client may then send them without asking again.
        <//>`
      }
      ${isAsked && others.map((delivery) => html`<${Proposal} key=${delivery.id} content=${contents.get(delivery.id)} delivery=${delivery} timeZone=${timeZone} />`)}
      ${isAsked && html`<${AskingConnections} askers=${askers} timeZone=${timeZone} />`}
      ${isAsked && html`<p><a href=${`/posts/${post.id}`}>All of this post</a></p>`}
      ${isAsked && !mayAct && html`<${Notice}>As a viewer of this team you can look, but not decide.<//>`}
      ${isAsked && mayAct && html`<${DecisionBar} ...${props} />`}
    </div>
  <//>`;
}

function Decided({ words, postId }: NonNullable<ApprovalViewProps['decided']>) {
  return html`<${Notice} tone="good" isNews>
    <p>
      ${words}${postId && ' '}${postId && html`<a href=${`/posts/${postId}`}>Look at it<span class="hidden"> again</span></a>`}
    </p>
  <//>`;
}

function Queue({ others, previousHref, nextHref }: ApprovalQueue) {
  if (others === 0) return null;
  return html`<nav class="queue" aria-label="What else waits">
    <span>${others === 1 ? '1 more waits for you' : `${others} more wait for you`}</span>
    <span class="steps">
      ${previousHref && html`<a href=${previousHref} rel="prev">Previous</a>`}
      ${nextHref && html`<a href=${nextHref} rel="next">Next</a>`}
    </span>
  </nav>`;
}

function Nothing({ post }: Pick<ApprovalViewProps, 'post'>) {
  const { approval, approvalRequest: request, timeZone } = post;
  return html`<${Notice}>
    ${approval && html`<${Decision} approval=${approval} timeZone=${timeZone} />`}
    ${
      approval
        ? null
        : request?.state === 'expired'
          ? html`<p>
              The request to approve this post expired on${' '}
              <${Moment} at=${request.expiresAt} timeZone=${timeZone} />. Whoever wants it approved asks
              again.
            </p>`
          : html`<p>
              Nothing of this post waits for approval: it was decided already, or taken off the schedule.
            </p>`
    }
    <p><${LinkButton} href=${`/posts/${post.id}`}>Look at the post<//></p>
  <//>`;
}

/** Stays at the lower edge of the window, under the thumb. The form says what was shown. */
function DecisionBar({ viewer, post, places, note, problem, decided }: ApprovalViewProps) {
  return html`<form
    class="decide"
    method="post"
    action=${`/posts/${post.id}/approve`}
    aria-label="Decide"
    data-arriving=${decided ? '' : undefined}
  >
    <input type="hidden" name="csrf" value=${viewer.csrfToken} />
    <input type="hidden" name="rev" value=${post.rev} />
    <input type="hidden" name="content_hash" value=${post.contentHash} />
    <input type="hidden" name="places" value=${places} />
    <details open=${Boolean(problem && note)}>
      <summary>Note</summary>
      <${Field}
        label="Note"
        name="note"
        rows=${2}
        maxlength=${500}
        value=${note}
        hint="Optional. Your team and the client can read it."
      />
    </details>
    <div class="decision">
      <${Button} name="decision" value="approve">Approve<//>
      <${Button} look="danger" name="decision" value="reject">Reject<//>
    </div>
  </form>`;
}

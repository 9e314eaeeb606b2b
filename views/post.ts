import { Button, Card, Form, LinkButton, Notice } from './components.ts';
import { DeliveryCard, type ShownContent, type ShownDelivery } from './delivery-card.ts';
import type { ShownNumbers } from './delivery-numbers.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';
import { PostChange, type ShownChange } from './post-change.ts';
import { maySettle } from './settle-delivery.ts';
import { StateBadge } from './state-badge.ts';

export interface ShownPost {
  id: string;
  campaignId: string;
  campaignName: string;
  rev: number;
  state: string;
  createdAt: Date;
  createdBy: { personName: string; clientName: string | null };
  approval: { decision: 'approved' | 'rejected'; personName: string; note: string | null; at: Date } | null;
  /** A client's request that somebody approves the revision, on the calendar or not. */
  approvalRequest: { state: 'open' | 'answered' | 'expired' } | null;
  timeZone: string;
  deliveries: readonly ShownDelivery[];
}

export interface PostViewProps {
  viewer: Viewer;
  done: string | undefined;
  post: ShownPost;
  /** Pictures and problems, by delivery. */
  contents: ReadonlyMap<string, ShownContent>;
  /** What the networks told last, channel by channel; empty before anything went out. */
  numbers: readonly ShownNumbers[];
  /** Since the last revision that was approved; null when there is none or this is it. */
  change: ShownChange | null;
  /** An owner or editor. */
  mayAct: boolean;
}

/** Some of it went out, or may have. */
const NEVER_DISCARDED = new Set([
  'claimed',
  'prepared',
  'sending',
  'unknown',
  'needs_attention',
  'published',
  'taken_down',
]);
const OFF_THE_SCHEDULE = new Set(['scheduled', 'awaiting_approval', 'held']);

export function PostView({ viewer, done, post, contents, numbers, change, mayAct }: PostViewProps) {
  const isWaiting =
    post.approvalRequest?.state === 'open' ||
    post.deliveries.some(({ isWaitingForDecision }) => isWaitingForDecision);
  const mayBeTakenOff = post.deliveries.some(({ state }) => OFF_THE_SCHEDULE.has(state));
  return html`<${Layout}
    title="Post"
    viewer=${viewer}
    section="posts"
    back=${{ href: '/posts', label: 'Posts' }}
  >
    <div class="line">
      <h1>Post</h1>
      <${StateBadge} state=${post.state} />
    </div>
    <p class="meta">
      <span>in <a href=${`/campaigns/${post.campaignId}`}>${post.campaignName}</a></span>
      <span>revision ${post.rev}</span>
      <span>by <${Author} ...${post.createdBy} /></span>
      <${Moment} at=${post.createdAt} timeZone=${post.timeZone} />
    </p>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    ${
      isWaiting &&
      html`<${Notice} tone="warning">
        <p>This post goes out only after somebody of the team approves this revision.</p>
        <p><${LinkButton} href=${`/posts/${post.id}/approve`} look="primary">Look and decide<//></p>
      <//>`
    }
    ${post.approval && html`<${Decision} approval=${post.approval} timeZone=${post.timeZone} />`}
    ${change && html`<${PostChange} change=${change} timeZone=${post.timeZone} />`}
    ${post.deliveries.map((delivery) => {
      const settleHref =
        mayAct && maySettle(delivery.state) ? `/posts/${post.id}/settle/${delivery.channelId}` : undefined;
      const content = contents.get(delivery.id);
      const props = {
        ...{ delivery, content, timeZone: post.timeZone, settleHref },
        numbers: numbers.find(({ channelId }) => channelId === delivery.channelId),
      };
      return html`<${DeliveryCard} key=${delivery.id} ...${props} />`;
    })}
    ${
      mayAct &&
      mayBeTakenOff &&
      html`<${Form} action=${`/posts/${post.id}/cancel`} csrfToken=${viewer.csrfToken}>
        <${Button} look="plain">Take off the schedule<//>
      <//>`
    }
    ${
      mayAct &&
      post.deliveries.some(({ state }) => state === 'published') &&
      html`<p><${LinkButton} href=${`/posts/${post.id}/take-down`}>Take it down …<//></p>`
    }
    ${
      mayAct &&
      post.deliveries.every(({ state }) => !NEVER_DISCARDED.has(state)) &&
      html`<p><${LinkButton} href=${`/posts/${post.id}/edit`}>Edit<//></p>`
    }
    ${
      mayAct &&
      post.deliveries.every(({ state }) => !NEVER_DISCARDED.has(state)) &&
      html`<${Form} action=${`/posts/${post.id}/discard`} csrfToken=${viewer.csrfToken}>
        <input type="hidden" name="rev" value=${post.rev} />
        <${Button} look="danger">Throw away<//>
      <//>`
    }
  <//>`;
}

export function Author({ personName, clientName }: { personName: string; clientName: string | null }) {
  return clientName ? html`<span>${clientName} for ${personName}</span>` : html`<span>${personName}</span>`;
}

function Decision({
  approval,
  timeZone,
}: {
  approval: NonNullable<ShownPost['approval']>;
  timeZone: string;
}) {
  return html`<${Card}>
    <p>
      ${approval.decision === 'approved' ? 'Approved' : 'Rejected'} by ${approval.personName}, ${' '}
      <${Moment} at=${approval.at} timeZone=${timeZone} />
    </p>
    ${approval.note && html`<blockquote>${approval.note}</blockquote>`}
  <//>`;
}

import { Button, Card, Form, LinkButton, Notice } from './components.ts';
import { DeliveryCard, type ShownDelivery } from './delivery-card.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';
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
  timeZone: string;
  deliveries: readonly ShownDelivery[];
}

export interface PostViewProps {
  viewer: Viewer;
  done: string | undefined;
  post: ShownPost;
  /** An owner or editor. */
  mayAct: boolean;
}

const OFF_THE_SCHEDULE = new Set(['scheduled', 'awaiting_approval', 'held']);

export function PostView({ viewer, done, post, mayAct }: PostViewProps) {
  const isWaiting = post.deliveries.some(({ isWaitingForDecision }) => isWaitingForDecision);
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
    ${post.deliveries.map((delivery) => {
      const settleHref =
        mayAct && maySettle(delivery.state) ? `/posts/${post.id}/settle/${delivery.channelId}` : undefined;
      const props = { delivery, timeZone: post.timeZone, settleHref };
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

import { Button, Form, LinkButton, Notice, type ButtonLook } from './components.ts';
import { DeliveryCard, type ShownContent, type ShownDelivery } from './delivery-card.ts';
import type { ShownNumbers } from './delivery-numbers.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';
import { PostChange, type ShownChange } from './post-change.ts';
import { maySettle, StateBadge } from './state-badge.ts';

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

/** One post in short: what it says where, how it stands, and what can be done with it. */
export function PostView(props: PostViewProps) {
  const { viewer, done, post, contents, numbers, change, mayAct } = props;
  const isWaiting =
    post.approvalRequest?.state === 'open' ||
    post.deliveries.some(({ isWaitingForDecision }) => isWaitingForDecision);
  return html`<${Layout}
    title=${titleOf(post)}
    viewer=${viewer}
    section="posts"
    back=${{ href: `/campaigns/${post.campaignId}`, label: post.campaignName }}
    styles=${['posts']}
    scripts=${['live']}
  >
    <h1>${titleOf(post)}</h1>
    <p class="meta">
      <span>by <${Author} ...${post.createdBy} /></span>
      <${Moment} at=${post.createdAt} timeZone=${post.timeZone} />
      <a href=${`/posts/${post.id}/history`}>revision ${post.rev}</a>
    </p>
    ${done && html`<${Notice} tone="good" isNews>${done}<//>`}
    <div class="standing" id="standing" data-live>
      ${post.deliveries.length > 1 && html`<p><${StateBadge} state=${post.state} /></p>`}
      ${
        isWaiting &&
        html`<${Notice} tone="warning">
          <p>This post goes out only after somebody of the team approves this revision.</p>
          <p><${LinkButton} href=${`/posts/${post.id}/approve`} look="primary">Look and decide<//></p>
        <//>`
      }
      ${post.approval && html`<${Decision} approval=${post.approval} timeZone=${post.timeZone} />`}
      ${mayAct && html`<${Actions} post=${post} csrfToken=${viewer.csrfToken} />`}
    </div>
    ${change && html`<${PostChange} change=${change} timeZone=${post.timeZone} />`}
    <div class="deliveries" id="deliveries" data-live>
      ${post.deliveries.map((delivery) => {
        const settleHref =
          mayAct && maySettle(delivery.state) ? `/posts/${post.id}/settle/${delivery.channelId}` : undefined;
        const content = contents.get(delivery.id);
        const shown = {
          ...{ delivery, content, timeZone: post.timeZone, settleHref },
          numbers: numbers.find(({ channelId }) => channelId === delivery.channelId),
        };
        return html`<${DeliveryCard} key=${delivery.id} ...${shown} />`;
      })}
    </div>
    ${mayAct && isFree(post) && html`<${Discard} post=${post} csrfToken=${viewer.csrfToken} />`}
  <//>`;
}

const TITLE_LENGTH = 60;

/** The beginning of what it says. */
function titleOf({ deliveries }: ShownPost): string {
  const text = deliveries[0]?.parts[0]?.replace(/\s+/g, ' ').trim() ?? '';
  const characters = Array.from(text);
  if (characters.length <= TITLE_LENGTH) return text || 'A post without words';
  return `${characters
    .slice(0, TITLE_LENGTH - 1)
    .join('')
    .trimEnd()}…`;
}

/** Nothing of it went out, or may have. */
function isFree({ deliveries }: ShownPost): boolean {
  return deliveries.every(({ state }) => !NEVER_DISCARDED.has(state));
}

function Actions({ post, csrfToken }: { post: ShownPost; csrfToken: string }) {
  const { id, deliveries } = post;
  const mayBeEdited = deliveries.some(({ state }) => !NEVER_DISCARDED.has(state));
  const isOut = deliveries.some(({ state }) => state === 'published');
  const mayBeTakenOff = deliveries.some(({ state }) => OFF_THE_SCHEDULE.has(state));
  const link = (href: string, label: string, look: ButtonLook = 'plain') =>
    html`<${LinkButton} href=${`/posts/${id}/${href}`} look=${look}>${label}<//>`;
  return html`<div class="actions">
    ${mayBeEdited && link('edit', 'Edit')}
    ${mayBeEdited && link('move', deliveries.some(({ dueAt }) => dueAt) ? 'Move' : 'Schedule')}
    ${link('history', 'History')} ${isOut && link('take-down', 'Take it down …')}
    ${
      mayBeTakenOff &&
      html`<${Form} action=${`/posts/${id}/cancel`} csrfToken=${csrfToken}>
        <${Button} look="plain">Take off the schedule<//>
      <//>`
    }
  </div>`;
}

function Discard({ post, csrfToken }: { post: ShownPost; csrfToken: string }) {
  return html`<${Form} action=${`/posts/${post.id}/discard`} csrfToken=${csrfToken}>
    <input type="hidden" name="rev" value=${post.rev} />
    <${Button} look="danger">Throw away<//>
  <//>`;
}

export function Author({ personName, clientName }: { personName: string; clientName: string | null }) {
  return clientName ? html`<span>${clientName} for ${personName}</span>` : html`<span>${personName}</span>`;
}

/** A person's yes or no, with what they said to it. */
export function Decision({
  approval,
  timeZone,
}: {
  approval: NonNullable<ShownPost['approval']>;
  timeZone: string;
}) {
  return html`<div class="decided">
    <p>
      ${approval.decision === 'approved' ? 'Approved' : 'Rejected'} by ${approval.personName}, ${' '}
      <${Moment} at=${approval.at} timeZone=${timeZone} />
    </p>
    ${approval.note && html`<blockquote>${approval.note}</blockquote>`}
  </div>`;
}

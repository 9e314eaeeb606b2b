import { CaptionProblems, type ShownProblem } from './caption-problems.ts';
import { Notice } from './components.ts';
import { DeliveryNumbers, type ShownNumbers } from './delivery-numbers.ts';
import { html } from './html.ts';
import { Moment } from './moment.ts';
import { channelName } from './networks.ts';
import { OutsideLink } from './outside-link.ts';
import type { ShownPicture } from './post-pictures.ts';
import { PostPreview, type ShownPart } from './post-preview.ts';
import { StateBadge } from './state-badge.ts';

export interface ShownDelivery {
  id: string;
  channelId: string;
  network: string;
  handle: string;
  imitates?: string | null;
  state: string;
  parts: readonly string[];
  dueAt: Date | null;
  /** The zone it was scheduled in. */
  timeZone: string | null;
  publishedAt: Date | null;
  url: string | null;
  problem: { code: string; message: string } | null;
  /** A person's yes or no would move it. */
  isWaitingForDecision: boolean;
  scheduledBy: { personName: string; clientName: string | null } | null;
  attempts: readonly ShownAttempt[];
}

/** What of a post goes to one channel beside the words. */
export interface ShownContent {
  text: readonly ShownPart[];
  pictures: readonly ShownPicture[];
  problems: readonly ShownProblem[];
}

export interface ShownAttempt {
  kind: 'send' | 'read_back';
  partNo: number;
  startedAt: Date;
  finishedAt: Date | null;
  outcome: string | null;
}

const OUTCOMES: Readonly<Record<string, string>> = {
  published: 'published',
  not_sent: 'could not be sent',
  rate_limited: 'the network asked to wait',
  auth_expired: 'the sign-in to the network had expired',
  rejected: 'refused by the network',
  duplicate: 'the network had it already',
  ambiguous: 'no clear answer',
  blocked: 'the account may not post',
  found: 'found on the network',
  not_found: 'not on the network',
  interrupted: 'interrupted',
};

/** Where a person can do what the problem's message says. */
const WAYS_OUT: Readonly<Record<string, { href: string; label: string }>> = {
  policy_denied: { href: '/connections', label: 'Hand over or cancel under Connections' },
  connection_revoked: { href: '/connections', label: 'Hand over or cancel under Connections' },
  channel_disconnected: { href: '/channels', label: 'Open the channels' },
  channel_needs_reconnect: { href: '/channels', label: 'Open the channels' },
  channel_blocked: { href: '/channels', label: 'Open the channels' },
};

export interface DeliveryCardProps {
  delivery: ShownDelivery;
  content: ShownContent | undefined;
  /** Absent before anything of the post went out. */
  numbers?: ShownNumbers | undefined;
  /** The team's, for what has no zone of its own. */
  timeZone: string;
  /** Where a person settles what stopped; absent where there is nothing to settle or nobody who may. */
  settleHref?: string | undefined;
}

/** One channel's text, time, state and evidence. */
export function DeliveryCard({ delivery, content, numbers, timeZone, settleHref }: DeliveryCardProps) {
  return html`<section class="card" aria-label=${channelName(delivery)}>
    <div class="line">
      <h2>${channelName(delivery)}</h2>
      <${StateBadge} state=${delivery.state} />
    </div>
    ${content && html`<${PostPreview} channel=${delivery} text=${content.text} pictures=${content.pictures} />`}
    <${CaptionProblems} problems=${content?.problems ?? []} />
    ${delivery.problem && html`<${Problem} ...${delivery.problem} />`}
    <dl class="facts">
      ${delivery.publishedAt && html`<${Fact} name="Published"><${Moment} at=${delivery.publishedAt} timeZone=${timeZone} /><//>`}
      ${
        delivery.dueAt &&
        html`<${Fact} name="Scheduled for">
          <${Moment} at=${delivery.dueAt} timeZone=${delivery.timeZone ?? timeZone} />
          ${delivery.timeZone && delivery.timeZone !== timeZone && html` (<${Moment} at=${delivery.dueAt} timeZone=${timeZone} />)`}
        <//>`
      }
      ${
        delivery.scheduledBy &&
        html`<${Fact} name="Scheduled by">
          ${delivery.scheduledBy.clientName ? `${delivery.scheduledBy.clientName} for ` : ''}${delivery.scheduledBy.personName}
        <//>`
      }
    </dl>
    ${numbers && html`<${DeliveryNumbers} numbers=${numbers} timeZone=${timeZone} />`}
    ${delivery.url && html`<p><${OutsideLink} url=${delivery.url}>See it on ${channelName(delivery)}<//></p>`}
    ${settleHref && html`<p><a href=${settleHref}>Settle this</a></p>`}
    ${delivery.attempts.length > 0 && html`<${Attempts} attempts=${delivery.attempts} timeZone=${timeZone} />`}
  </section>`;
}

function Problem({ code, message }: NonNullable<ShownDelivery['problem']>) {
  const wayOut = WAYS_OUT[code];
  return html`<${Notice} tone="warning">
    <p>${message}</p>
    ${wayOut && html`<p><a href=${wayOut.href}>${wayOut.label}</a></p>`}
  <//>`;
}

function Fact({ name, children }: { name: string; children?: unknown }) {
  return html`<div>
    <dt>${name}</dt>
    <dd>${children}</dd>
  </div>`;
}

function Attempts({ attempts, timeZone }: { attempts: readonly ShownAttempt[]; timeZone: string }) {
  return html`<details>
    <summary>${attempts.length === 1 ? 'One attempt' : `${attempts.length} attempts`}</summary>
    <ol class="attempts">
      ${attempts.map(
        (attempt) =>
          html`<li>
            ${attempt.kind === 'send' ? 'Sent' : 'Looked for it'}${attempt.partNo > 0 ? ` (part ${attempt.partNo + 1})` : ''},
            ${' '}
            <${Moment} at=${attempt.startedAt} timeZone=${timeZone} />: ${' '}
            ${attempt.outcome ? (OUTCOMES[attempt.outcome] ?? attempt.outcome) : 'under way'}
          </li>`,
      )}
    </ol>
  </details>`;
}

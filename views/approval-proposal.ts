import { CaptionProblems } from './caption-problems.ts';
import type { ShownContent, ShownDelivery } from './delivery-card.ts';
import { html } from './html.ts';
import { Moment } from './moment.ts';
import { channelName } from './networks.ts';
import { PostPreview } from './post-preview.ts';
import { Author } from './post.ts';
import { StateBadge } from './state-badge.ts';

export interface ProposalProps {
  delivery: ShownDelivery;
  content: ShownContent | undefined;
  /** Why a person is asked. */
  reason?: string | undefined;
  /** Its time has come. */
  isDue?: boolean;
  /** When it would have gone out, as the person was shown it before. */
  shownDueAt?: Date | undefined;
  /** The team's. */
  timeZone: string;
}

/** What was cancelled, failed or missed keeps its time, and does not go out then. */
const TIMED: ReadonlySet<string> = new Set([
  ...['awaiting_approval', 'scheduled', 'held', 'claimed', 'prepared', 'sending'],
]);

/** What would go out on one channel: when, the exact words, the pictures as the network gets them. */
export function Proposal(props: ProposalProps) {
  const { delivery, content, reason, isDue = false, shownDueAt, timeZone } = props;
  const { dueAt, scheduledBy, state, isWaitingForDecision } = delivery;
  return html`<section class="card proposal" aria-label=${channelName(delivery)}>
    <div class="line">
      <h2>${channelName(delivery)}</h2>
      <${StateBadge} state=${state} />
    </div>
    ${dueAt && (isWaitingForDecision || TIMED.has(state)) && html`<${GoesOut} dueAt=${dueAt} ownZone=${delivery.timeZone} isDue=${isDue} timeZone=${timeZone} />`}
    ${
      shownDueAt &&
      shownDueAt.getTime() !== dueAt?.getTime() &&
      html`<p class="change">
        You were shown${' '}<del><${Moment} at=${shownDueAt} timeZone=${timeZone} /></del>
      </p>`
    }
    <${PostPreview} channel=${delivery} text=${content?.text ?? []} pictures=${content?.pictures ?? []} />
    <${CaptionProblems} problems=${content?.problems ?? []} />
    <dl class="facts">
      ${
        reason &&
        html`<div>
          <dt>Why you are asked</dt>
          <dd>${reason}</dd>
        </div>`
      }
      ${
        scheduledBy &&
        html`<div>
          <dt>Asked by</dt>
          <dd><${Author} ...${scheduledBy} /></dd>
        </div>`
      }
    </dl>
  </section>`;
}

/** Several of a post, one below the other. */
export function Proposals(props: {
  deliveries: readonly ShownDelivery[];
  contents: ReadonlyMap<string, ShownContent>;
  timeZone: string;
}) {
  const { deliveries, contents, timeZone } = props;
  return deliveries.map(
    (delivery) =>
      html`<${Proposal}
        key=${delivery.id}
        ...${{ delivery, content: contents.get(delivery.id), timeZone }}
      />`,
  );
}

/** In the team's zone first: that is how the person who decides reads a time. */
function GoesOut({
  dueAt,
  ownZone,
  isDue,
  timeZone,
}: {
  dueAt: Date;
  ownZone: string | null;
  isDue: boolean;
  timeZone: string;
}) {
  return html`<p class="goes-out">
    ${isDue ? 'At once, when you approve. It was meant for ' : 'Goes out '}
    <${Moment} at=${dueAt} timeZone=${timeZone} />
    ${
      ownZone &&
      ownZone !== timeZone &&
      html`<span class="hint">${' '}(<${Moment} at=${dueAt} timeZone=${ownZone} />)</span>`
    }
  </p>`;
}

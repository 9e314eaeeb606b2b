import type { Transaction } from '../database/client.ts';
import type { DeliveryState } from './delivery-state.ts';

/** How a delivery stands and what is known about it. */
export interface DeliveryOutcome {
  channelId: string;
  state: DeliveryState;
  url: string | null;
  problem: { code: string; message: string } | null;
  /** Its last calls to the network, oldest first, a line each. */
  evidence: string[];
}

const MOST_LINES = 6;

export async function readOutcome(
  db: Pick<Transaction, 'delivery'>,
  deliveryId: string,
): Promise<DeliveryOutcome> {
  const delivery = await db.delivery.findUniqueOrThrow({
    where: { id: deliveryId },
    select: {
      channelId: true,
      state: true,
      remoteUrl: true,
      problemCode: true,
      problemMessage: true,
      attempts: {
        orderBy: [{ startedAt: 'desc' }, { fence: 'desc' }, { partNo: 'desc' }],
        take: MOST_LINES,
      },
    },
  });
  const { problemCode, problemMessage } = delivery;
  return {
    channelId: delivery.channelId,
    state: delivery.state as DeliveryState,
    url: delivery.remoteUrl,
    problem: problemCode === null ? null : { code: problemCode, message: problemMessage ?? problemCode },
    evidence: delivery.attempts.toReversed().map(toLine),
  };
}

interface ShownAttempt {
  kind: string;
  partNo: number;
  startedAt: Date;
  outcome: string | null;
  evidence: unknown;
}

/** Codes are the network's, letters and digits only; its texts are left out. */
function toLine({ kind, partNo, startedAt, outcome, evidence }: ShownAttempt): string {
  const what = kind === 'send' ? 'sent' : 'looked for';
  const code = evidence !== null && typeof evidence === 'object' && 'code' in evidence ? evidence.code : null;
  const why = typeof code === 'string' && code !== outcome ? ` (${code.slice(0, 60)})` : '';
  return `${startedAt.toISOString().slice(0, 19)}Z ${what} part ${partNo}: ${outcome ?? 'no answer yet'}${why}`;
}

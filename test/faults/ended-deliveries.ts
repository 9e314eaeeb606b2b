import type { Context } from '../../server/context.ts';
import type { EndedDelivery } from './checker.ts';

/** How many are not at their end yet. */
export function countOpen({ db }: Context): Promise<number> {
  return db.delivery.count({
    where: { state: { in: ['scheduled', 'claimed', 'prepared', 'sending', 'unknown'] } },
  });
}

/** When the state of any was written last; milliseconds since the epoch. */
export async function readLastChange({ db }: Context): Promise<number> {
  const { _max: latest } = await db.delivery.aggregate({ _max: { updatedAt: true } });
  return latest.updatedAt?.getTime() ?? 0;
}

/**
 * Whether a worker has something in its hands over which another died, or which was sent again already: one more death would
 * bring it nearer to the end of its tries, and that end is a person.
 */
export async function isAnyHurt({ db }: Context): Promise<boolean> {
  const hurt = await db.delivery.findFirst({
    where: {
      state: { in: ['claimed', 'prepared', 'sending'] },
      OR: [{ crashCount: { gt: 0 } }, { resendCount: { gt: 0 } }, { retryCount: { gt: 0 } }],
    },
    select: { id: true },
  });
  return hurt !== null;
}

/** Whether one more death over what workers have in their hands would have it set aside for a person. */
export async function isAnyDying({ db }: Context): Promise<boolean> {
  const dying = await db.delivery.findFirst({
    where: { state: { in: ['claimed', 'prepared', 'sending', 'unknown'] }, crashCount: { gte: 2 } },
    select: { id: true },
  });
  return dying !== null;
}

/** Deliveries as they lie at the end, with what was tried. */
export async function readEnded({ db }: Context, ids: readonly string[]): Promise<EndedDelivery[]> {
  const rows = await db.delivery.findMany({
    where: { id: { in: [...ids] } },
    include: { parts: true, attempts: { orderBy: { startedAt: 'asc' } }, channel: true, scheduledBy: true },
  });
  return rows.map(({ id, channel, state, problemCode, remoteId, dueAt, notAfter, scheduledBy, ...row }) => ({
    ...{ id, network: channel.network, state, problemCode, remoteId },
    dueAtMs: dueAt!.getTime(),
    notAfterMs: notAfter!.getTime(),
    revokedAtMs: scheduledBy?.revokedAt?.getTime() ?? null,
    parts: row.parts.map((part) => ({ partNo: part.partNo, remoteId: part.remoteId })),
    attempts: row.attempts.map(({ kind, outcome, startedAt }) => ({
      kind,
      outcome,
      startedAtMs: startedAt.getTime(),
    })),
  }));
}

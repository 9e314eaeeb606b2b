import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';

/** How many deliveries would be held if the channel were disconnected now. */
export function countScheduled(
  { db }: Context,
  { teamId }: Pick<Caller, 'teamId'>,
  channelId: string,
): Promise<number> {
  return db.delivery.count({
    where: { teamId, channelId, state: { in: ['scheduled', 'claimed', 'prepared'] } },
  });
}

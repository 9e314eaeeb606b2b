import { Prisma } from '../../prisma/generated/client.ts';
import { recordActivity } from '../activity/record-activity.ts';
import { assertMayWrite, type PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { RowsInUse } from '../deliveries/hold-campaign.ts';
import { conflict, notFound } from '../errors.ts';

const HELD_MESSAGE = 'The channel was disconnected. The post goes on when it is linked again; or cancel it.';

/**
 * Forgets a channel's credentials and holds what was going to go out on it. What is being sent goes through.
 * Deliveries are locked by id and before the channel, in the order in which a send locks them. Again: changes nothing.
 * @returns how many deliveries are held now
 * @throws AppError NotFound; NotAllowed for a viewer; Conflict (`playground_stays`)
 */
export async function disconnectChannel(
  context: Context,
  caller: PersonCaller,
  { channelId }: { channelId: string },
): Promise<{ heldDeliveries: number }> {
  assertMayWrite(caller);
  const channel = await context.db.channel.findUnique({
    where: { teamId_id: { teamId: caller.teamId, id: channelId } },
    select: { network: true, imitates: true, disconnectedAt: true },
  });
  if (!channel) throw notFound({ code: 'not_found', message: 'There is no such channel in this team.' });
  if (channel.network === 'playground' && !channel.imitates) {
    throw conflict({
      code: 'playground_stays',
      message: 'The Playground belongs to the team and cannot be disconnected.',
    });
  }
  if (channel.disconnectedAt) return { heldDeliveries: 0 };
  return context.db.$transaction(async (tx) => {
    const hold = (inUse: RowsInUse) => tx.$executeRaw`
      with waiting as materialized (
        select id from delivery
        where team_id = ${caller.teamId} and channel_id = ${channelId} and state in ('scheduled', 'claimed', 'prepared')
        order by id for update ${inUse === 'skip' ? Prisma.sql`skip locked` : Prisma.empty}
      )
      update delivery d set state = 'held', problem_code = 'channel_disconnected', problem_message = ${HELD_MESSAGE},
        fence = fence + 1, lease_until = null, updated_at = clock_timestamp()
      from waiting where waiting.id = d.id`;
    const heldBefore = await hold('wait');
    await tx.$executeRaw`
      update channel set disconnected_at = coalesce(disconnected_at, clock_timestamp()), credentials = null,
        token_expires_at = null
      where team_id = ${caller.teamId} and id = ${channelId}`;
    // Whoever holds one by now asks for the channel next, and sees that it is gone.
    const heldMeanwhile = await hold('skip');
    await recordActivity(
      { db: tx },
      { caller, action: 'channel.disconnected', target: channelId, result: 'ok' },
    );
    return { heldDeliveries: heldBefore + heldMeanwhile };
  });
}

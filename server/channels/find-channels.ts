import type { Caller } from '../caller.ts';
import type { Transaction } from '../database/client.ts';
import { notFound } from '../errors.ts';

export interface FoundChannel {
  id: string;
  network: string;
  handle: string;
  imitates: string | null;
  ownLimits: unknown;
  status: string;
}

/**
 * The team's channels with these ids, in their order.
 * @throws AppError NotFound when one is not there, or is linked no more
 */
export async function findChannels(
  db: Pick<Transaction, 'channel'>,
  caller: Caller,
  channelIds: readonly string[],
): Promise<FoundChannel[]> {
  if (channelIds.length === 0) return [];
  const rows = await db.channel.findMany({
    where: { teamId: caller.teamId, id: { in: [...channelIds] }, disconnectedAt: null },
    select: { id: true, network: true, handle: true, imitates: true, ownLimits: true, status: true },
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return channelIds.map((id) => {
    const channel = byId.get(id);
    if (channel) return channel;
    throw notFound({
      code: 'not_found',
      field: 'channel_ids',
      message: `No channel ${id} is linked to this team.`,
    });
  });
}

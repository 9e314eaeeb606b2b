import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';

export interface ChannelSummary {
  id: string;
  network: string;
  handle: string;
  status: 'ok' | 'needs_reconnect';
  tokenExpiresAt: Date | null;
}

/** The team's linked channels, by network and handle; at most 100. */
export async function listChannels(
  context: Context,
  caller: Caller,
  filter: { network?: string | undefined },
): Promise<ChannelSummary[]> {
  const rows = await context.db.channel.findMany({
    where: {
      teamId: caller.teamId,
      disconnectedAt: null,
      ...(filter.network && { network: filter.network }),
    },
    select: { id: true, network: true, handle: true, status: true, tokenExpiresAt: true },
    orderBy: [{ network: 'asc' }, { handle: 'asc' }, { id: 'asc' }],
    take: 100,
  });
  return rows.map((row) => ({ ...row, status: row.status === 'ok' ? 'ok' : 'needs_reconnect' }));
}

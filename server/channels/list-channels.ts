import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { roleAllows, type Scope } from '../scopes.ts';

export type ChannelPermission = 'draft' | 'schedule' | 'publish';

export interface ChannelSummary {
  id: string;
  network: string;
  handle: string;
  status: 'ok' | 'needs_reconnect';
  tokenExpiresAt: Date | null;
  /** What the caller may do on it; a scheduled post waits for a person unless `publish` is here too. */
  may: ChannelPermission[];
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
  const may = permissionsOf(caller);
  return rows.map((row) => ({ ...row, status: row.status === 'ok' ? 'ok' : 'needs_reconnect', may }));
}

const SCOPE_OF: [ChannelPermission, Scope][] = [
  ['draft', 'captions:write'],
  ['schedule', 'schedule:write'],
  ['publish', 'posts:publish'],
];

function permissionsOf(caller: Caller): ChannelPermission[] {
  return SCOPE_OF.filter(
    ([, scope]) => roleAllows(caller.role, scope) && (caller.kind === 'person' || caller.scopes.has(scope)),
  ).map(([permission]) => permission);
}

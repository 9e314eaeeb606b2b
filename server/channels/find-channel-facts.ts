import { z } from 'zod';

import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { GuaranteeClass, PublishingQuota } from '../networks/network.ts';
import { openCredentials } from './credentials.ts';

/** What a person should know of a channel besides its rules. */
export interface ChannelFacts {
  guarantee: GuaranteeClass;
  isProven: boolean;
  /** The network asked for a pause: nothing is sent before this. Null: none, or it is over. */
  pausedUntil: Date | null;
  /** When the link ends for good unless a person links it again; null: it does not, or it renews itself. */
  linkEndsAt: Date | null;
  /** As the network told it last. */
  quota: PublishingQuota | null;
}

interface FactRow {
  channelId: string;
  network: string;
  remoteAccountId: string;
  grantedScopes: string[];
  sealedCredentials: Uint8Array<ArrayBuffer> | null;
  tokenExpiresAt: Date | null;
  pausedUntil: Date | null;
  quota: unknown;
}

const quotaSchema = z.object({ used: z.int(), total: z.int(), windowSeconds: z.int() });

/** Of the team's linked channels, by id. */
export async function findChannelFacts(
  context: Context,
  { teamId }: Pick<Caller, 'teamId'>,
): Promise<Map<string, ChannelFacts>> {
  const rows = await context.db.$queryRaw<FactRow[]>`
    select id as "channelId", network, remote_account_id as "remoteAccountId", granted_scopes as "grantedScopes",
      credentials as "sealedCredentials", token_expires_at as "tokenExpiresAt", quota,
      case when rate_limited_until > clock_timestamp() then rate_limited_until end as "pausedUntil"
    from channel where team_id = ${teamId} and disconnected_at is null`;
  return new Map(rows.map((row) => [row.channelId, factsOf(context, teamId, row)]));
}

function factsOf(context: Context, teamId: string, row: FactRow): ChannelFacts {
  const network = context.networks.get(row.network);
  const { pausedUntil } = row;
  return {
    guarantee: network?.guaranteeFor?.(row) ?? network?.guarantee ?? 'none',
    isProven: network?.isProven ?? false,
    pausedUntil,
    linkEndsAt: linkEndOf(context, { ...row, teamId }),
    quota: quotaSchema.safeParse(row.quota).data ?? null,
  };
}

/** When a channel's link ends for good unless a person links it again; null: it does not, or it renews itself. */
export function linkEndOf(
  context: Context,
  channel: { teamId: string } & Pick<
    FactRow,
    'channelId' | 'network' | 'sealedCredentials' | 'tokenExpiresAt'
  >,
): Date | null {
  const { tokenExpiresAt, sealedCredentials } = channel;
  if (tokenExpiresAt === null || sealedCredentials === null) return tokenExpiresAt;
  return renewsItself(context, { ...channel, sealedCredentials }) ? null : tokenExpiresAt;
}

/** Whether the stored sign-in can be renewed without a person. */
export function renewsItself(
  context: Context,
  channel: {
    teamId: string;
    channelId: string;
    network: string;
    sealedCredentials: Uint8Array<ArrayBuffer>;
  },
): boolean {
  const network = context.networks.get(channel.network);
  if (!network?.refresh) return false;
  const credentials = openCredentials(context, channel, channel.sealedCredentials);
  return credentials !== undefined && (network.canRenew?.(credentials) ?? true);
}

import type { Caller, ConnectionCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { judgePublishing, type PublishingVerdict } from '../policy/judge-publishing.ts';
import { verdictWords } from '../policy/rule-words.ts';
import { roleAllows, type Scope } from '../scopes.ts';
import { linkEndOf } from './find-channel-facts.ts';

export type ChannelPermission = 'draft' | 'schedule' | 'publish';

export interface ChannelSummary {
  id: string;
  network: string;
  /** A practice channel: the network whose rules it keeps. */
  imitates: string | null;
  /** What its own server or account allows, as the rules read it. */
  ownLimits: unknown;
  handle: string;
  status: 'ok' | 'needs_reconnect';
  /** As `ChannelFacts`. */
  linkEndsAt: Date | null;
  /** What the team's rules leave of today; null where they set no cap. */
  postsLeftToday: number | null;
  /** What the caller may do on it at this moment; a scheduled post waits for a person unless `publish` is here too. */
  may: ChannelPermission[];
  /** The policy rule that takes something away, in words; null when none does. */
  because: string | null;
}

/** The team's linked channels (of a network: and those that practise its rules), by network and handle; at most 100. */
export async function listChannels(
  context: Context,
  caller: Caller,
  filter: { network?: string | undefined },
): Promise<ChannelSummary[]> {
  const rows = await context.db.channel.findMany({
    where: {
      teamId: caller.teamId,
      disconnectedAt: null,
      ...(filter.network && { OR: [{ network: filter.network }, { imitates: filter.network }] }),
    },
    select: {
      id: true,
      network: true,
      imitates: true,
      ownLimits: true,
      handle: true,
      status: true,
      tokenExpiresAt: true,
      credentials: true,
    },
    orderBy: [{ network: 'asc' }, { handle: 'asc' }, { id: 'asc' }],
    take: 100,
  });
  const granted = permissionsOf(caller);
  const mayPlace = granted.includes('schedule') || granted.includes('publish');
  const verdicts =
    caller.kind === 'connection' && mayPlace ? await judgeNow(context, caller, rows) : undefined;
  return rows.map(({ credentials: sealedCredentials, tokenExpiresAt, ...row }) => ({
    ...row,
    status: row.status === 'ok' ? 'ok' : 'needs_reconnect',
    linkEndsAt: linkEndOf(context, {
      ...{ teamId: caller.teamId, channelId: row.id, network: row.network },
      ...{ sealedCredentials, tokenExpiresAt },
    }),
    ...limit(granted, verdicts?.get(row.id)),
  }));
}

/** By each of the two ways to put a post there. */
interface TimedVerdicts {
  schedule: PublishingVerdict;
  publish: PublishingVerdict;
  /** Of the team. */
  timeZone: string;
}

/** What would become of a post that goes out now. */
async function judgeNow(
  context: Context,
  { teamId, clientId, connectionId, scopes }: ConnectionCaller,
  channels: readonly { id: string }[],
): Promise<Map<string, TimedVerdicts>> {
  const [team] = await context.db.$queryRaw<{ now: Date; timeZone: string; policyVersion: number }[]>`
    select clock_timestamp() as now, time_zone as "timeZone", policy_version as "policyVersion"
    from team where id = ${teamId}`;
  const { now: dueAt, timeZone, policyVersion } = team!;
  const mayPublish = scopes.has('posts:publish');
  const channelIds = channels.map(({ id }) => id);
  const table = await context.policies.tableOf(teamId, policyVersion);
  const judge = (tool: string) =>
    judgePublishing(
      context.db,
      table,
      { teamId, clientId, connectionId, mayPublish, tool, dueAt, timeZone, channelIds },
      { counted: 'placed', exceptDeliveryIds: [] },
    );
  const [schedule, publish] = [await judge('schedule_post'), await judge('publish_post')];
  return new Map(
    channelIds.map((id) => [id, { schedule: schedule.get(id)!, publish: publish.get(id)!, timeZone }]),
  );
}

function limit(
  granted: readonly ChannelPermission[],
  verdicts: TimedVerdicts | undefined,
): Pick<ChannelSummary, 'postsLeftToday' | 'may' | 'because'> {
  if (!verdicts) return { postsLeftToday: null, may: [...granted], because: null };
  const { schedule, publish, timeZone } = verdicts;
  const taken: ChannelPermission[] = schedule.effect === 'deny' ? ['schedule', 'publish'] : ['publish'];
  const limiting = [schedule, publish].find(({ effect }) => effect !== 'allow');
  return {
    postsLeftToday: schedule.postsLeft,
    may: granted.filter((permission) => !limiting || !taken.includes(permission)),
    because: limiting ? verdictWords(limiting, timeZone) : null,
  };
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

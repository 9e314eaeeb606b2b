import type { Context } from '../context.ts';
import { STOPPED_BECAUSE_SQL } from './kill-switch-sql.ts';
import { PROBLEMS } from './problems.ts';
import { WAITS_FOR_ANOTHER_SQL } from './waits-for-another.ts';

/** After so many workers died over it, it is set aside. */
export const MAX_DEATHS = 3;
/** After so many it is worked on with nothing beside it, so that it takes nothing else with it and nothing else takes it. */
export const DEATHS_BEFORE_ALONE = 2;

/** A delivery in the hands of one worker, as far as its fence is the newest. */
export interface ClaimedDelivery {
  id: string;
  fence: number;
  /** claimed: to be prepared and sent; unknown: to be read back; the others: it ended here. */
  state: 'claimed' | 'unknown' | 'missed' | 'held' | 'needs_attention';
  teamId: string;
  postId: string;
  /** The frozen revision. */
  rev: number;
  channelId: string;
  network: string;
  /** A practice channel keeps the rules of this network. */
  imitates: string | null;
  /** What the channel's own server or account allows. */
  ownLimits: unknown;
  remoteAccountId: string;
  handle: string;
  grantedScopes: string[];
  sealedCredentials: Uint8Array<ArrayBuffer> | null;
  /** They have run out or are about to. */
  isTokenStale: boolean;
  /** The caption of the frozen revision; null when it has none for this channel. */
  captionParts: string[] | null;
  /** Some part of it is on the network. */
  isPartlyPublished: boolean;
  /** Set when the network may know these very bytes already, so that they must not be frozen anew. */
  sendStartedAt: Date | null;
  /** How often it was shown since that the network does not have them. */
  resendCount: number;
  /** Tries that surely reached nothing. */
  retryCount: number;
  /** The version of the team's rules. */
  policyVersion: number;
  /** What the team's rules are asked about; null for what goes out under a person. */
  authority: DeliveryAuthority | null;
  /** PostgreSQL's clock. */
  now: Date;
}

/** Under which connection it goes out, and how it was placed. */
export interface DeliveryAuthority {
  connectionId: string;
  clientId: string;
  mayPublish: boolean;
  tool: string | null;
  /** Milliseconds since the epoch. */
  dueAtMs: number;
  /** The team's. */
  timeZone: string;
}

/**
 * Takes a delivery that is due, was abandoned or is to be read back: raises the fence and holds it for one lease.
 * Null when there is nothing to do: not due, in other hands, over, its channel is paused by the network, another one of its
 * channel goes first, or it is to be worked on alone and is not.
 */
export async function claimDelivery(
  context: Context,
  deliveryId: string,
  { isAlone = false }: { isAlone?: boolean } = {},
): Promise<ClaimedDelivery | null> {
  const { leaseSeconds } = context.config.publishing;
  const [claimed] = await context.db.$queryRaw<ClaimedDelivery[]>`/* plan kept */
    with clock as materialized (select clock_timestamp() as now),
    found as materialized (
      select d.id, d.state, d.crash_count + is_abandoned::int as deaths, d.not_after, d.send_started_at,
        case when d.state <> 'unknown' then ${STOPPED_BECAUSE_SQL} end as stopped_because
      from delivery d
      join channel ch on ch.id = d.channel_id
      -- Whoever holds a lease that ran out has died over it.
      cross join lateral (select coalesce(d.lease_until <= (select now from clock), false)) as abandoned (is_abandoned)
      where d.id = ${deliveryId}
        and (d.state in ('scheduled', 'unknown') and d.not_before <= (select now from clock)
            and (d.lease_until is null or is_abandoned)
          or d.state in ('claimed', 'prepared') and is_abandoned)
        and (ch.rate_limited_until is null or ch.rate_limited_until <= (select now from clock))
        and (${isAlone}::boolean or d.crash_count + is_abandoned::int < ${DEATHS_BEFORE_ALONE}::int)
        and (d.state = 'unknown' or not ${WAITS_FOR_ANOTHER_SQL})
      for update of d
    ),
    candidate as materialized (
      select id, state, deaths, stopped_because, send_started_at, case
        -- Whether the network has it is found out before anything else.
        when state = 'unknown' then case when deaths > ${MAX_DEATHS}::int then 'needs_attention' else 'unknown' end
        when deaths >= ${MAX_DEATHS}::int then 'needs_attention'
        when not_after < (select now from clock) then case when send_started_at is null and not exists (
          select from delivery_part p where p.delivery_id = found.id and p.remote_id is not null)
          then 'missed' else 'needs_attention' end
        when stopped_because is not null then 'held'
        else 'claimed' end as next_state
      from found
    ),
    interrupted as (
      update attempt set outcome = 'interrupted', finished_at = (select now from clock)
      where delivery_id = (select id from candidate) and outcome is null
    )
    update delivery d set
      state = next_state,
      fence = fence + 1,
      lease_until = case when next_state in ('claimed', 'unknown')
        then (select now from clock) + make_interval(secs => ${leaseSeconds}::float8) end,
      hinted_at = null,
      crash_count = deaths,
      problem_code = problem.code,
      problem_message = case problem.code when 'publishing_stopped' then ${PROBLEMS.publishing_stopped} || ' ' || stopped_because
        when 'too_late' then ${PROBLEMS.too_late} || coalesce(' It had waited: ' || d.problem_message, '')
        else ${JSON.stringify(PROBLEMS)}::jsonb ->> problem.code end,
      held_from = case when next_state = 'held' then 'scheduled' else d.held_from end,
      updated_at = (select now from clock)
    from candidate
    cross join lateral (select case next_state when 'missed' then 'too_late' when 'held' then 'publishing_stopped'
      when 'needs_attention' then case when candidate.state = 'unknown' then 'read_back_failed'
        when candidate.send_started_at is not null then 'outcome_unknown' when deaths >= ${MAX_DEATHS}::int then 'worker_died'
        else 'thread_incomplete' end end) as problem (code),
      channel ch, team t
    where d.id = candidate.id and ch.id = d.channel_id and t.id = d.team_id
    returning d.id, d.fence, d.state, d.team_id as "teamId", d.post_id as "postId", d.rev, d.channel_id as "channelId",
      ch.network, ch.imitates, ch.own_limits as "ownLimits", ch.remote_account_id as "remoteAccountId", ch.handle, ch.granted_scopes as "grantedScopes", ch.credentials as "sealedCredentials",
      coalesce(ch.token_expires_at < (select now from clock) + interval '1 minute', false) as "isTokenStale",
      (select c.parts from caption c where c.post_id = d.post_id and c.rev = d.rev and c.channel_id = d.channel_id)
        as "captionParts",
      exists (select from delivery_part p where p.delivery_id = d.id and p.remote_id is not null) as "isPartlyPublished",
      (select json_build_object('connectionId', c.id, 'clientId', c.client_id,
          'mayPublish', 'posts:publish' = any (c.scopes), 'tool', d.scheduled_by_tool,
          'dueAtMs', floor(extract(epoch from d.due_at) * 1000), 'timeZone', t.time_zone)
        from connection c where c.id = d.scheduled_by_connection_id) as authority,
      t.policy_version as "policyVersion", d.send_started_at as "sendStartedAt",
      d.resend_count as "resendCount", d.retry_count as "retryCount", (select now from clock) as now`;
  if (!claimed) return null;
  return { ...claimed, captionParts: claimed.captionParts ?? (await findCaption(context, claimed)) };
}

/** An edit that ended while the claim waited for the row came after its snapshot: the row is new, its caption unseen. */
async function findCaption(
  { db }: Context,
  { postId, rev, channelId }: ClaimedDelivery,
): Promise<string[] | null> {
  const caption = await db.caption.findUnique({
    where: { postId_rev_channelId: { postId, rev, channelId } },
    select: { parts: true },
  });
  return caption?.parts ?? null;
}

import type { Context } from '../context.ts';
import { problem } from './problems.ts';

/** A worker that dies while it prepares is followed by another this many times. */
const MAX_ABANDONED = 5;

/** A delivery in the hands of one worker, as far as its fence is the newest. */
export interface ClaimedDelivery {
  id: string;
  fence: number;
  /** claimed: to be prepared and sent; unknown: to be read back; missed, needs_attention: it ended here. */
  state: 'claimed' | 'unknown' | 'missed' | 'needs_attention';
  teamId: string;
  postId: string;
  /** The frozen revision. */
  rev: number;
  channelId: string;
  network: string;
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
  /** Tries that surely reached nothing, and workers that died over it. */
  retryCount: number;
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
  policyVersion: number;
}

/**
 * Takes a delivery that is due, was abandoned or is to be read back: raises the fence and holds it for one lease.
 * Null when there is nothing to do: not due, in other hands, over, or another one of its channel is going out.
 */
export async function claimDelivery(context: Context, deliveryId: string): Promise<ClaimedDelivery | null> {
  const { leaseSeconds } = context.config.publishing;
  const tooLate = problem('too_late');
  const died = problem('worker_died');
  const [claimed] = await context.db.$queryRaw<ClaimedDelivery[]>`
    with clock as materialized (select clock_timestamp() as now),
    candidate as materialized (
      select d.id, case
        when d.state = 'unknown' then 'unknown'
        when d.state in ('claimed', 'prepared') and d.retry_count >= ${MAX_ABANDONED} then 'needs_attention'
        when d.not_after < (select now from clock) and not exists (
          select from delivery_part p where p.delivery_id = d.id and p.remote_id is not null) then 'missed'
        else 'claimed' end as next_state
      from delivery d
      where d.id = ${deliveryId}
        and (d.state in ('scheduled', 'unknown') and d.not_before <= (select now from clock)
            and (d.lease_until is null or d.lease_until <= (select now from clock))
          or d.state in ('claimed', 'prepared') and d.lease_until <= (select now from clock))
        and (d.state = 'unknown' or not exists (
          select from delivery other
          where other.channel_id = d.channel_id and other.id <> d.id
            and other.state in ('claimed', 'prepared', 'sending')
            and (other.state = 'sending' or other.lease_until > (select now from clock))))
      for update of d
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
      retry_count = retry_count + (d.state in ('claimed', 'prepared'))::int,
      problem_code = case next_state when 'missed' then ${tooLate.code} when 'needs_attention' then ${died.code} end,
      problem_message = case next_state when 'missed' then ${tooLate.message} when 'needs_attention' then ${died.message} end,
      updated_at = (select now from clock)
    from candidate, channel ch
    where d.id = candidate.id and ch.id = d.channel_id
    returning d.id, d.fence, d.state, d.team_id as "teamId", d.post_id as "postId", d.rev, d.channel_id as "channelId",
      ch.network, ch.remote_account_id as "remoteAccountId", ch.handle, ch.granted_scopes as "grantedScopes", ch.credentials as "sealedCredentials",
      coalesce(ch.token_expires_at < (select now from clock) + interval '1 minute', false) as "isTokenStale",
      (select c.parts from caption c where c.post_id = d.post_id and c.rev = d.rev and c.channel_id = d.channel_id)
        as "captionParts",
      exists (select from delivery_part p where p.delivery_id = d.id and p.remote_id is not null) as "isPartlyPublished",
      (select json_build_object('connectionId', c.id, 'clientId', c.client_id,
          'mayPublish', 'posts:publish' = any (c.scopes), 'tool', d.scheduled_by_tool,
          'dueAtMs', floor(extract(epoch from d.due_at) * 1000), 'timeZone', t.time_zone, 'policyVersion', t.policy_version)
        from connection c join team t on t.id = c.team_id where c.id = d.scheduled_by_connection_id) as authority,
      d.send_started_at as "sendStartedAt", d.retry_count as "retryCount", (select now from clock) as now`;
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

import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import type { Effect } from '../policy/policy-rule.ts';
import type { ClaimedDelivery } from './claim-delivery.ts';
import { STOPPED_BECAUSE_SQL } from './kill-switch-sql.ts';
import { PROBLEMS } from './problems.ts';

export interface SendIntent {
  partNo: number;
  /** SHA-256 of the bytes that would leave. */
  payloadHash: Uint8Array<ArrayBuffer>;
  idempotencyKey: string;
  /** How long after the first send the key protects; null where it does for ever, or never. */
  keyLifetimeSeconds?: number | null;
}

/** What the team's rules say about this send. */
export interface SendVerdict {
  /** The version of the rules under which it was decided. */
  policyVersion: number;
  effect: Effect;
  rule: string;
  /** What a person reads when the rule stops it. */
  message: string;
}

/**
 * sending: the attempt is written down and the one call may be made, once, until the lease ends.
 * held, missed, needs_attention: it stopped, with the reason stored. busy: another delivery of the channel is being sent, or
 * the network takes nothing from it now.
 * lost: it is in other hands, or was stopped or cancelled meanwhile.
 * policy_changed: nothing happened; the rules are others than those of the verdict, so it must be decided again.
 */
export type BeginSendOutcome =
  'sending' | 'held' | 'missed' | 'needs_attention' | 'busy' | 'lost' | 'policy_changed';

/**
 * The guard. In one statement: is it still ours, and may it still be sent, under the connection or person that scheduled it?
 * The rows that could say no are locked FOR SHARE, so a revocation either is seen here or comes after the send has begun.
 * Deliveries are locked before connections, and the team, whose rules count, last, as everywhere. The lease is renewed, so
 * that it outlasts the call.
 * The team's version is compared for people's posts too: whoever stops publishing raises it, and a guard that began before
 * decides anew.
 * @param verdict null for what goes out under a person: rules are about connections
 */
export async function beginSend(
  { config, db }: Pick<Context, 'config'> & { db: Pick<Transaction, '$queryRaw'> },
  delivery: ClaimedDelivery,
  intent: SendIntent,
  verdict: SendVerdict | null,
): Promise<BeginSendOutcome> {
  const { leaseSeconds } = config.publishing;
  const [row] = await db.$queryRaw<{ outcome: BeginSendOutcome }[]>`/* plan kept */
    with target as materialized (
      select d.id, d.team_id, d.post_id, d.rev, d.channel_id, d.not_after, d.scheduled_at, d.send_started_at, d.resend_count,
        d.scheduled_by_connection_id, d.scheduled_by_person_id
      from delivery d
      where d.id = ${delivery.id} and d.fence = ${delivery.fence} and d.state = 'prepared'
        and d.lease_until > clock_timestamp()
        and d.scheduled_by_connection_id is not distinct from ${delivery.authority?.connectionId ?? null}
      for update
    ),
    authority as materialized (
      select c.person_id, c.scopes, c.revoked_at, c.suspect_since
      from connection c
      where c.id = (select scheduled_by_connection_id from target) and c.team_id = (select team_id from target)
      for share
    ),
    member as materialized (
      select m.role
      from membership m join person p on p.id = m.person_id
      where m.team_id = (select team_id from target) and p.disabled_at is null
        and m.person_id = coalesce(
          (select person_id from authority), (select scheduled_by_person_id from target))
      for share
    ),
    account as materialized (
      select ch.id, ch.network, ch.status, ch.disconnected_at, ch.rate_limited_until from channel ch where ch.id = (select channel_id from target) for share
    ),
    brief as materialized (
      select c.status
      from campaign c join post p on p.team_id = c.team_id and p.campaign_id = c.id
      where p.id = (select post_id from target)
      for share of c
    ),
    rules as materialized (
      select t.policy_version as version from team t where t.id = (select team_id from target) for share
    ),
    stop as materialized (
      select ${STOPPED_BECAUSE_SQL} as reason from target d cross join account ch
    ),
    verdict as materialized (
      select target.id, stop.reason as stopped_because, account.rate_limited_until, target.channel_id, case
        when target.not_after < clock_timestamp() then case when target.send_started_at is not null then 'outcome_unknown' when exists (
          select from delivery_part p where p.delivery_id = target.id and p.remote_id is not null)
          then 'thread_incomplete' else 'too_late' end
        when target.scheduled_by_connection_id is not null and authority.person_id is null then 'connection_revoked'
        when authority.revoked_at is not null then 'connection_revoked'
        when member.role is null then 'member_removed'
        when member.role not in ('owner', 'editor') then 'role_lowered'
        when authority.person_id is not null and not authority.scopes && array['schedule:write', 'posts:publish']
          then 'connection_limited'
        when account.disconnected_at is not null then 'channel_disconnected'
        when account.status <> 'ok' then 'channel_needs_reconnect'
        when stop.reason is not null then 'publishing_stopped'
        when brief.status = 'paused' then 'campaign_paused'
        when brief.status <> 'active' then 'campaign_archived'
        when decision.latest = 'rejected' then 'approval_rejected'
        when rules.version is distinct from ${verdict?.policyVersion ?? delivery.policyVersion}::int then 'policy_changed'
        when authority.person_id is not null and ${verdict?.effect ?? null} = 'deny' then 'policy_denied'
        when decision.latest is null and not coalesce('posts:publish' = any (authority.scopes), false)
          then 'approval_missing'
        when decision.latest is null and authority.suspect_since <= target.scheduled_at then 'connection_suspect'
        when authority.person_id is not null and decision.latest is null and ${verdict?.effect ?? null} = 'ask'
          then 'policy_needs_person'
        when target.resend_count > 1 and exists (
          select from attempt a
          where a.delivery_id = target.id and a.part_no = ${intent.partNo} and a.kind = 'send'
            and a.idempotency_key = ${intent.idempotencyKey}
            and a.started_at < clock_timestamp() - make_interval(secs => ${intent.keyLifetimeSeconds ?? null}::float8))
          then 'outcome_unknown'
        when account.rate_limited_until > clock_timestamp() then 'rate_limited'
        when exists (select from delivery other where other.channel_id = target.channel_id and other.state = 'sending')
          then 'busy'
        else 'sending' end as code
      from target
      left join authority on true
      left join member on true
      join account on true
      join brief on true
      join rules on true
      join stop on true
      cross join lateral (
        select (
          select a.decision from approval a join post_revision r on r.post_id = a.post_id and r.rev = a.rev
          where a.post_id = target.post_id and a.rev = target.rev and a.content_hash = r.content_hash
          order by a.created_at desc, a.id desc limit 1
        ) as latest
      ) decision
    ),
    written as (
      insert into attempt (delivery_id, fence, part_no, kind, payload_hash, idempotency_key, started_at)
      select id, ${delivery.fence}, ${intent.partNo}, 'send', ${intent.payloadHash}, ${intent.idempotencyKey}, clock_timestamp()
      from verdict where code = 'sending'
    )
    update delivery d set
      state = case verdict.code when 'sending' then 'sending' when 'busy' then 'scheduled' when 'rate_limited' then 'scheduled'
        when 'too_late' then 'missed' when 'thread_incomplete' then 'needs_attention' when 'outcome_unknown' then 'needs_attention' when 'policy_changed' then d.state else 'held' end,
      lease_until = case verdict.code
        when 'sending' then clock_timestamp() + make_interval(secs => ${leaseSeconds}::float8)
        when 'policy_changed' then d.lease_until end,
      send_started_at = case when verdict.code = 'sending' then clock_timestamp() else d.send_started_at end,
      payload_hash = case when verdict.code = 'sending' then ${intent.payloadHash} else d.payload_hash end,
      policy_rule = case when verdict.code in ('sending', 'policy_denied', 'policy_needs_person', 'approval_missing')
        then coalesce(${verdict?.rule ?? null}, d.policy_rule) else d.policy_rule end,
      problem_code = case when verdict.code not in ('sending', 'busy', 'policy_changed') then verdict.code end,
      problem_message = case when verdict.code in ('policy_denied', 'policy_needs_person') then ${verdict?.message ?? null}
        when verdict.code = 'publishing_stopped' then ${PROBLEMS.publishing_stopped} || ' ' || verdict.stopped_because
        else ${JSON.stringify(PROBLEMS)}::jsonb ->> verdict.code end,
      held_from = case when verdict.code in ('campaign_paused', 'campaign_archived', 'publishing_stopped') then 'scheduled' end,
      not_before = case when verdict.code = 'rate_limited' then verdict.rate_limited_until else d.not_before end,
      hinted_at = case when verdict.code in ('busy', 'rate_limited') then null else d.hinted_at end,
      updated_at = clock_timestamp()
    from verdict where d.id = verdict.id
    returning case when verdict.code in ('busy', 'rate_limited') then 'busy' when verdict.code = 'policy_changed' then verdict.code
      else d.state end as outcome`;
  return row?.outcome ?? 'lost';
}

import { connectionIdOf, type Caller } from '../caller.ts';
import type { Transaction } from '../database/client.ts';
import { notAllowed } from '../errors.ts';
import type { PostTime } from '../posts/post-time.ts';
import { campaignStopped } from './choose-deliveries.ts';
import type { LockedDelivery } from './lock-post.ts';

/** How one delivery goes on the calendar. */
export interface PlacedDelivery {
  delivery: LockedDelivery;
  state: 'scheduled' | 'awaiting_approval';
  /** The policy rule that had the last word; null for what a person places. */
  rule: string | null;
}

export interface Placement {
  /** The tool that places it; null in the browser. */
  tool: string | null;
  rev: number;
  time: Pick<PostTime, 'at' | 'timeZone' | 'wallTime'>;
  /** How long after its time a post may still go out. */
  lateLimitSeconds: number;
  /** How long an earlier send of the same revision may still be running, from its begin. */
  quarantineSeconds?: number;
}

/**
 * Freezes the revision and puts deliveries on the calendar under the caller; whatever stopped them before is forgotten.
 * But a send of this revision that the network may have taken is not: only the same bytes and key are harmless then, and
 * only when that send is surely over.
 */
export async function placeDeliveries(
  tx: Transaction,
  caller: Caller,
  placed: readonly PlacedDelivery[],
  { tool, rev, time, lateLimitSeconds, quarantineSeconds = 0 }: Placement,
): Promise<void> {
  await assertConnectionHolds(tx, caller);
  await assertCampaignRuns(tx, placed[0]!.delivery.id);
  const deliveries = placed.map(({ delivery }) => delivery);
  await tx.deliveryPart.deleteMany({ where: { deliveryId: { in: idsOfOtherRevision(deliveries, rev) } } });
  await tx.$executeRaw`
    update delivery set state = placed.state, policy_rule = placed.rule, scheduled_by_tool = ${tool}, rev = ${rev}, due_at = ${time.at}, time_zone = ${time.timeZone},
      local_time = ${time.wallTime},
      not_before = greatest(${time.at},
        case when rev = ${rev} then send_started_at + make_interval(secs => ${quarantineSeconds}::float8) end),
      not_after = ${time.at}::timestamptz + make_interval(secs => ${lateLimitSeconds}::float8),
      scheduled_at = clock_timestamp(), scheduled_by_connection_id = ${connectionIdOf(caller)},
      scheduled_by_person_id = ${caller.kind === 'person' ? caller.personId : null},
      hinted_at = null, lease_until = null,
      send_started_at = case when rev = ${rev} then send_started_at end,
      payload_hash = case when rev = ${rev} then payload_hash end, resend_count = 0, empty_read_count = 0, retry_count = 0, crash_count = 0, problem_code = null, problem_message = null,
      updated_at = clock_timestamp()
    from unnest(${deliveries.map(({ id }) => id)}::text[], ${placed.map(({ state }) => state)}::text[],
      ${placed.map(({ rule }) => rule)}::text[]) as placed (id, state, rule)
    where delivery.id = placed.id`;
}

/**
 * A revocation either waits for this transaction and then holds what it placed, or is seen here.
 * @throws AppError NotAllowed (`connection_revoked`)
 */
async function assertConnectionHolds(tx: Transaction, caller: Caller): Promise<void> {
  if (caller.kind === 'person') return;
  const held = await tx.$executeRaw`
    select from connection where id = ${caller.connectionId} and revoked_at is null for share`;
  if (held > 0) return;
  throw notAllowed({
    code: 'connection_revoked',
    message: 'This connection was revoked by a person. Nothing was scheduled.',
  });
}

/**
 * Pausing a campaign either waits for this transaction and then holds what it placed, or is seen here.
 * @throws AppError Conflict (`campaign_paused`, `campaign_archived`)
 */
async function assertCampaignRuns(tx: Transaction, deliveryId: string): Promise<void> {
  const [campaign] = await tx.$queryRaw<{ status: string }[]>`
    select c.status from campaign c
    where c.id = (select p.campaign_id from post p join delivery d on d.post_id = p.id where d.id = ${deliveryId})
    for share`;
  if (campaign && campaign.status !== 'active') throw campaignStopped(campaign.status);
}

/** Parts are frozen bytes of one revision: another revision makes its own. */
function idsOfOtherRevision(deliveries: readonly LockedDelivery[], rev: number): string[] {
  return deliveries.filter((delivery) => delivery.rev !== rev).map(({ id }) => id);
}

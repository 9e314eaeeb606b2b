import { connectionIdOf, type Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { AppError } from '../errors.ts';
import { judgePlacement } from './judge-placement.ts';
import type { LockedDelivery, LockedPost } from './lock-post.ts';
import { notifyDue } from './notify-due.ts';
import { placeDeliveries, type PlacedDelivery } from './place-deliveries.ts';
import type { DefaultRule } from '../policy/policy-rule.ts';
import { problem } from './problems.ts';
import { recordDecision } from './record-decision.ts';

const EDITED_RULE: DefaultRule = 'default.edited';

const ON_CALENDAR: ReadonlySet<string> = new Set(['scheduled', 'awaiting_approval', 'held']);

/** It has a time at which it is to go out. */
export function isOnCalendar({ state, dueAt }: LockedDelivery): boolean {
  return ON_CALENDAR.has(state) && dueAt !== null;
}

/**
 * Deliveries on the calendar keep their time and get the post's new revision, of which nobody has approved anything yet.
 * Who edits in the browser says yes by it. A connection that may schedule, or publish where nobody need be asked, is judged
 * anew and answers for them from now on. Any other leaves them to whoever placed them, waiting for a person; so does an
 * edit of what is due already, because an edit sends nothing. What a campaign holds it goes on holding.
 * @param post as it is at the new revision
 */
export async function moveToRevision(
  context: Context,
  tx: Transaction,
  caller: Caller,
  post: LockedPost,
  deliveries: readonly LockedDelivery[],
): Promise<void> {
  if (deliveries.length === 0) return;
  const ids = deliveries.map(({ id }) => id);
  await tx.$executeRaw`delete from delivery_part where delivery_id = any(${ids})`;
  const coming = deliveries.filter(({ dueAt }) => dueAt! > post.now);
  const placed = await judge(context, tx, caller, post, coming);
  const isPlaced = new Set(placed.map(({ delivery }) => delivery));
  const left = deliveries.filter((delivery) => !isPlaced.has(delivery));
  if (placed.length > 0 && caller.kind === 'person') {
    await recordDecision(tx, caller, post, { decision: 'approved' });
  }
  if (post.campaignStatus === 'active') {
    for (const one of placed) await place(context, tx, caller, post, one);
  } else {
    await keepHeld(tx, caller, post, placed);
  }
  await leaveToPerson(tx, post, left);
  for (const { delivery, state } of placed) delivery.state = state;
  for (const delivery of left) delivery.state = 'awaiting_approval';
  await notifyDue(tx);
}

/** Those that the caller may put on the calendar; none when a rule denies one of them. */
async function judge(
  context: Context,
  tx: Transaction,
  caller: Caller,
  post: LockedPost,
  deliveries: readonly LockedDelivery[],
): Promise<PlacedDelivery[]> {
  const maySchedule = caller.kind === 'person' || caller.scopes.has('schedule:write');
  const judged: PlacedDelivery[] = [];
  for (const delivery of deliveries) {
    // Each keeps its own time, which rules may be about.
    const wish = { tool: toolOf(caller), dueAt: delivery.dueAt! };
    const verdict = await judgePlacement(context, tx, caller, post, [delivery], wish).catch(deniedByRule);
    if (!verdict) return [];
    judged.push(...verdict);
  }
  // Whoever may not schedule places only what nobody need be asked about, which takes posts:publish.
  return maySchedule ? judged : judged.filter(({ state }) => state === 'scheduled');
}

function deniedByRule(error: unknown): null {
  if (error instanceof AppError && error.details.code === 'policy_denied') return null;
  throw error;
}

/** Rules about a tool that places posts count for an edit that does the same. */
function toolOf(caller: Caller): 'schedule_post' | 'publish_post' {
  const mayOnlyPublish = caller.kind === 'connection' && !caller.scopes.has('schedule:write');
  return mayOnlyPublish ? 'publish_post' : 'schedule_post';
}

async function place(
  { config }: Context,
  tx: Transaction,
  caller: Caller,
  { rev }: LockedPost,
  placed: PlacedDelivery,
): Promise<void> {
  const { id, dueAt, timeZone, wallTime, isChannelDisconnected } = placed.delivery;
  await placeDeliveries(tx, caller, [placed], {
    tool: caller.kind === 'person' ? null : toolOf(caller),
    rev,
    time: { at: dueAt!, timeZone: timeZone!, wallTime: wallTime! },
    lateLimitSeconds: config.publishing.lateLimitSeconds,
  });
  if (placed.state !== 'scheduled' || !isChannelDisconnected) return;
  const { code, message } = problem('channel_disconnected');
  await tx.$executeRaw`
    update delivery set state = 'held', problem_code = ${code}, problem_message = ${message} where id = ${id}`;
}

/** In a campaign that is not active: they return to their state with it. */
async function keepHeld(
  tx: Transaction,
  caller: Caller,
  { rev, campaignStatus }: LockedPost,
  placed: readonly PlacedDelivery[],
): Promise<void> {
  const { code, message } = problem(campaignStatus === 'paused' ? 'campaign_paused' : 'campaign_archived');
  await tx.$executeRaw`
    update delivery d set state = 'held', held_from = placed.state, problem_code = ${code}, problem_message = ${message},
      rev = ${rev}, policy_rule = placed.rule, scheduled_by_tool = ${caller.kind === 'person' ? null : toolOf(caller)},
      scheduled_by_connection_id = ${connectionIdOf(caller)},
      scheduled_by_person_id = ${caller.kind === 'person' ? caller.personId : null},
      scheduled_at = clock_timestamp(), fence = fence + 1, retry_count = 0, lease_until = null, hinted_at = null,
      updated_at = clock_timestamp()
    from unnest(${placed.map(({ delivery }) => delivery.id)}::text[], ${placed.map(({ state }) => state)}::text[],
      ${placed.map(({ rule }) => rule)}::text[]) as placed (id, state, rule)
    where d.id = placed.id`;
}

/**
 * They stay under whoever placed them. Taking them over, or whatever ends a hold, does not replace a person's yes: that is
 * what the rule on record says.
 */
async function leaveToPerson(
  tx: Transaction,
  { rev, campaignStatus }: LockedPost,
  deliveries: readonly LockedDelivery[],
): Promise<void> {
  const isStopped = campaignStatus !== 'active';
  const stop = problem(campaignStatus === 'paused' ? 'campaign_paused' : 'campaign_archived');
  await tx.$executeRaw`
    update delivery set state = ${isStopped ? 'held' : 'awaiting_approval'},
      held_from = ${isStopped ? 'awaiting_approval' : null},
      problem_code = ${isStopped ? stop.code : null}, problem_message = ${isStopped ? stop.message : null},
      rev = ${rev}, policy_rule = ${EDITED_RULE}, fence = fence + 1, retry_count = 0, lease_until = null,
      hinted_at = null, updated_at = clock_timestamp()
    where id = any(${deliveries.map(({ id }) => id)})`;
}

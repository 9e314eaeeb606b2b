import { Prisma } from '../../prisma/generated/client.ts';
import { recordActivity } from '../activity/record-activity.ts';
import { assertMayWrite, type PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import { notifyDue } from './notify-due.ts';
import { PROBLEMS } from './problems.ts';

export interface HandOverInput {
  connectionId: string;
  /** All that wait under the connection when absent. */
  deliveryIds?: string[] | undefined;
}

export interface HandedOver {
  scheduled: number;
  awaitingApproval: number;
  /** Too late to send: shown as `missed`, to be scheduled anew. */
  missed: number;
}

/**
 * 'Hand over to me': what waits under a connection (`scheduled`, `awaiting_approval`, or `held`) goes on under the person.
 * What had no approval and needed one, by scope or by rule, still waits for it; what went out unasked under the connection
 * is approved by this, unless a stolen token may have scheduled it, or a yes would be to more than what went out: that one a
 * person must look at.
 * @throws AppError NotFound; NotAllowed for a viewer
 */
export async function handOverDeliveries(
  context: Context,
  caller: PersonCaller,
  input: HandOverInput,
): Promise<HandedOver> {
  assertMayWrite(caller);
  return context.db.$transaction(async (tx) => {
    const mayPublish = await readMayPublish(tx, caller, input.connectionId);
    const ids = await lockWaiting(tx, caller, input);
    const states = await moveToPerson(tx, caller, ids, mayPublish);
    await approveUnasked(tx, caller, ids);
    const target = input.connectionId;
    await recordActivity({ db: tx }, { caller, action: 'connection.handed_over', target, result: 'ok' });
    await notifyDue(tx);
    const count = (state: string) => states.filter((row) => row.state === state).length;
    return {
      scheduled: count('scheduled'),
      awaitingApproval: count('awaiting_approval'),
      missed: count('missed'),
    };
  });
}

async function readMayPublish(tx: Transaction, caller: PersonCaller, connectionId: string): Promise<boolean> {
  const connection = await tx.connection.findUnique({
    where: { teamId_id: { teamId: caller.teamId, id: connectionId } },
    select: { scopes: true },
  });
  if (connection) return connection.scopes.includes('posts:publish');
  throw notFound({
    code: 'not_found',
    field: 'connection_id',
    message: 'There is no such connection in this team.',
  });
}

/** By id, as everything that moves several deliveries locks them. */
async function lockWaiting(tx: Transaction, caller: PersonCaller, input: HandOverInput): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id from delivery
    where team_id = ${caller.teamId} and scheduled_by_connection_id = ${input.connectionId}
      and state in ('scheduled', 'awaiting_approval', 'held')
      ${input.deliveryIds ? Prisma.sql`and id = any(${input.deliveryIds})` : Prisma.empty}
    order by id for update`;
  return rows.map(({ id }) => id);
}

async function moveToPerson(
  tx: Transaction,
  caller: PersonCaller,
  ids: string[],
  mayPublish: boolean,
): Promise<{ state: string }[]> {
  return tx.$queryRaw<{ state: string }[]>`
    with found as (
      select d.id, d.post_id, d.rev, d.not_after < clock_timestamp() and d.send_started_at is null as is_too_late,
        -- It goes on when its campaign does.
        d.state = 'held' and d.problem_code in ('campaign_paused', 'campaign_archived') as is_of_campaign,
        -- A yes from before its connection moved it was to another time.
        (select a.decision = 'approved' and (d.state = 'scheduled' or d.held_from = 'scheduled' or a.created_at >= d.scheduled_at)
          from approval a
          where a.post_id = d.post_id and a.rev = d.rev and a.content_hash = r.content_hash
          order by a.created_at desc, a.id desc limit 1) as was_approved,
        ${mayPublish}::boolean
          -- Without rule and tool it is from before there were rules; without rule alone it changed its connection.
          and (coalesce(d.policy_rule, d.scheduled_by_tool, 'default.allow') = 'default.allow'
            or exists (select from policy_rule rule where rule.id = d.policy_rule and rule.effect = 'allow'))
          and (c.suspect_since <= d.scheduled_at) is not true as went_unasked
      from delivery d join post_revision r on r.post_id = d.post_id and r.rev = d.rev
        join connection c on c.id = d.scheduled_by_connection_id
      where d.id = any(${ids})
    ),
    decided as (
      select found.id, is_too_late, is_of_campaign, coalesce(was_approved, went_unasked
        -- The yes that it is given counts for the revision on all of its channels.
        and not exists (
          select from delivery other where other.post_id = found.post_id and other.rev = found.rev
            and other.state not in ('published', 'taken_down')
            and other.id not in (select id from found as same where same.went_unasked))) as may_go_out
      from found
    )
    update delivery d set
      state = case when is_of_campaign then 'held' when not may_go_out then 'awaiting_approval' when is_too_late then 'missed' else 'scheduled' end,
      held_from = case when is_of_campaign then case when may_go_out then 'scheduled' else 'awaiting_approval' end end,
      problem_code = case when is_of_campaign then d.problem_code when may_go_out and is_too_late then 'too_late' end,
      problem_message = case when is_of_campaign then d.problem_message
        when may_go_out and is_too_late then ${PROBLEMS.too_late} end,
      scheduled_by_connection_id = null, scheduled_by_person_id = ${caller.personId},
      scheduled_by_tool = null, policy_rule = null,
      not_before = greatest(d.due_at, d.not_before), fence = fence + 1, lease_until = null, hinted_at = null,
      updated_at = clock_timestamp()
    from decided where decided.id = d.id
    returning d.state`;
}

/** What goes out under a person needs a person's yes to its very content. */
async function approveUnasked(tx: Transaction, caller: PersonCaller, ids: string[]): Promise<void> {
  const revisions = await tx.$queryRaw<
    { postId: string; rev: number; contentHash: Uint8Array<ArrayBuffer> }[]
  >`
    select distinct d.post_id as "postId", d.rev, r.content_hash as "contentHash"
    from delivery d join post_revision r on r.post_id = d.post_id and r.rev = d.rev
    where d.id = any(${ids}) and (d.state = 'scheduled' or d.state = 'held' and d.held_from = 'scheduled') and not exists (
      select from approval a where a.post_id = d.post_id and a.rev = d.rev and a.content_hash = r.content_hash)`;
  for (const revision of revisions) {
    await tx.$executeRaw`
      insert into approval (id, team_id, post_id, rev, content_hash, person_id, decision, note, created_at)
      values (${newId('approval')}, ${caller.teamId}, ${revision.postId}, ${revision.rev}, ${revision.contentHash},
        ${caller.personId}, 'approved', 'Handed over', clock_timestamp())`;
  }
}

import type { Transaction } from '../database/client.ts';
import { notifyDue } from '../deliveries/notify-due.ts';
import { newId } from '../ids.ts';
import type { PublishingPolicy } from '../policy/publishing-policy.ts';
import type { Scope } from '../scopes.ts';

import { endConnection } from './end-connection.ts';

export interface Replacement {
  teamId: string;
  personId: string;
  /** Live or not, theirs or not: only this person's live ones in this team are replaced. */
  oldConnectionIds: readonly string[];
  newConnectionId: string;
  granted: readonly Scope[];
  /** Null when the new connection may not publish. */
  policy: PublishingPolicy | null;
}

/**
 * Ends earlier connections in favour of a new one, and moves what waits under them as far as the new one may schedule.
 * Nothing gets further by it: a post that waited for a person still does, and one that a stolen token may have scheduled
 * waits for a person from now on. What is being sent, or was, stays with the old connection; so does what cannot move,
 * which is held. Deliveries are locked before connections, each by id, as everywhere.
 * @returns how many posts moved
 */
export async function replaceConnections(tx: Transaction, replacement: Replacement): Promise<number> {
  const { teamId, personId, newConnectionId, granted } = replacement;
  const waitingIds = await lockWaiting(tx, replacement);
  const oldIds = await lockConnections(tx, replacement);
  const moved = granted.includes('schedule:write')
    ? await moveDeliveries(tx, replacement, waitingIds, oldIds)
    : [];
  for (const connectionId of oldIds) {
    await endConnection(tx, { connectionId, teamId, personId, revokedById: personId });
    const movedDeliveries = moved.filter((row) => row.oldConnectionId === connectionId).length;
    await tx.$executeRaw`
      insert into activity (id, team_id, at, actor, person_id, connection_id, action, target, result, detail)
      values (${newId('activity')}, ${teamId}, clock_timestamp(), 'person', ${personId}, ${connectionId},
        'connection.replaced', ${newConnectionId}, 'ok', ${JSON.stringify({ movedDeliveries })}::jsonb)`;
  }
  if (moved.length > 0) await notifyDue(tx);
  return new Set(moved.map(({ postId }) => postId)).size;
}

async function lockWaiting(tx: Transaction, { teamId, oldConnectionIds }: Replacement): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id from delivery
    where team_id = ${teamId} and scheduled_by_connection_id = any(${[...oldConnectionIds]})
      and (state in ('scheduled', 'claimed', 'prepared', 'awaiting_approval')
        or state = 'held' and problem_code in ('connection_limited', 'connection_suspect'))
    order by id for update`;
  return rows.map(({ id }) => id);
}

/** From here on no stolen token can turn up any more that the move would not see: `suspect_since` is set under this lock. */
async function lockConnections(
  tx: Transaction,
  { teamId, personId, oldConnectionIds }: Replacement,
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id from connection
    where id = any(${[...oldConnectionIds]}) and team_id = ${teamId} and person_id = ${personId}
      and revoked_at is null
    order by id for update`;
  return rows.map(({ id }) => id);
}

/**
 * The fence rises, so that a worker that had only prepared one starts anew under the new connection. A yes of a person to
 * exactly this content counts on; without one, it goes out unasked only where both connections let it.
 */
async function moveDeliveries(
  tx: Transaction,
  { newConnectionId, granted, policy }: Replacement,
  waitingIds: readonly string[],
  oldIds: readonly string[],
): Promise<{ postId: string; oldConnectionId: string }[]> {
  const mayPublish = granted.includes('posts:publish') && policy !== null;
  const channelIds = [...(policy?.channelIds ?? [])];
  return tx.$queryRaw<{ postId: string; oldConnectionId: string }[]>`
    with judged as (
      select d.id, c.id as old_id,
        coalesce(decision.is_yes,
          ${mayPublish}::boolean and d.state in ('scheduled', 'claimed', 'prepared')
            and d.channel_id = any(${channelIds}) and (d.due_at >= ${policy?.until ?? null}::timestamptz) is not true
            and (c.suspect_since <= d.scheduled_at) is not true) as may_go_out
      from delivery d
      join connection c on c.id = d.scheduled_by_connection_id
      cross join lateral (
        select (
          -- A yes from before its connection moved it was to another time.
          select a.decision = 'approved' and (d.state <> 'awaiting_approval' or a.created_at >= d.scheduled_at)
          from approval a join post_revision r on r.post_id = a.post_id and r.rev = a.rev
          where a.post_id = d.post_id and a.rev = d.rev and a.content_hash = r.content_hash
          order by a.created_at desc, a.id desc limit 1
        ) as is_yes
      ) decision
      where d.id = any(${[...waitingIds]}) and c.id = any(${[...oldIds]})
    )
    update delivery d set
      state = case when may_go_out then 'scheduled' else 'awaiting_approval' end,
      scheduled_by_connection_id = ${newConnectionId}, policy_rule = null, problem_code = null, problem_message = null,
      not_before = greatest(d.due_at, d.not_before), fence = fence + 1, lease_until = null, hinted_at = null,
      updated_at = clock_timestamp()
    from judged where judged.id = d.id
    returning d.post_id as "postId", judged.old_id as "oldConnectionId"`;
}

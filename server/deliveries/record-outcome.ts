import type { Context } from '../context.ts';
import { newId } from '../ids.ts';

/** One row of the audit record for where a delivery came to rest, under the connection or person that scheduled it. */
export async function recordOutcome(context: Context, deliveryId: string): Promise<void> {
  await context.db.$executeRaw`
    insert into activity (id, team_id, at, actor, person_id, connection_id, action, target, result, detail)
    select ${newId('activity')}, d.team_id, clock_timestamp(), 'system', d.scheduled_by_person_id,
      d.scheduled_by_connection_id, 'delivery.' || d.state, d.post_id, coalesce(d.problem_code, 'ok'),
      jsonb_build_object('deliveryId', d.id, 'channelId', d.channel_id, 'url', d.remote_url)
    from delivery d
    where d.id = ${deliveryId} and d.state in ('published', 'held', 'missed', 'failed', 'needs_attention')`;
}

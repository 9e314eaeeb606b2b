import { Prisma } from '../../prisma/generated/client.ts';
import type { Context } from '../context.ts';
import { STOPPED_BECAUSE_SQL } from './kill-switch-sql.ts';
import { notifyDue } from './notify-due.ts';
import { releaseWaiting } from './release-waiting.ts';

const MISSED = 'Its time passed while publishing was stopped, so it was not sent. Schedule it anew.';

/**
 * Lets go on what a kill switch held and none holds any more. Asked again each minute: a worker may hold one by a switch that
 * is lifted at this moment.
 * @param teamId null for every team
 * @returns how many deliveries there were
 */
export async function releaseStopped({ db }: Pick<Context, 'db'>, teamId: string | null): Promise<number> {
  return db.$transaction(async (tx) => {
    const held = Prisma.sql`
      select d.id from delivery d join channel ch on ch.id = d.channel_id
      where d.state = 'held' and d.problem_code = 'publishing_stopped'
        and (${teamId}::text is null or d.team_id = ${teamId}) and ${STOPPED_BECAUSE_SQL} is null
      order by d.id for update of d`;
    const released = await releaseWaiting(tx, held, MISSED);
    if (released > 0) await notifyDue(tx);
    return released;
  });
}

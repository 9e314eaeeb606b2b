import { recordActivity } from '../activity/record-activity.ts';
import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import { raisePolicyVersion, tellOfSwitch, type KillSwitchTarget } from './kill-switch.ts';
import { releaseStopped } from './release-stopped.ts';
import { assertOwner } from './set-kill-switch.ts';

/**
 * Lets publishing go on. What was held by the switch alone goes out now, unless its time has passed for too long.
 * @returns how many deliveries were held by it
 * @throws AppError NotAllowed (`not_owner`); NotFound, also for one of the whole server
 */
export async function liftKillSwitch(context: Context, caller: PersonCaller, id: string): Promise<number> {
  assertOwner(caller);
  const { teamId } = caller;
  await context.db.$transaction(async (tx) => {
    await raisePolicyVersion(tx, teamId);
    const [lifted] = await tx.$queryRaw<KillSwitchTarget[]>`
      delete from kill_switch where id = ${id} and team_id = ${teamId} returning kind, target`;
    if (!lifted) throw switchNotFound();
    const target = lifted.target ?? teamId;
    const lift = { caller, action: 'publishing.resumed', target, result: 'ok', detail: { ...lifted } };
    await recordActivity({ db: tx }, lift);
    await tellOfSwitch(tx, [teamId], 'publishing.resumed', lifted);
  });
  // In a transaction of its own: a send locks its delivery before its team.
  return releaseStopped(context, teamId);
}

function switchNotFound() {
  return notFound({
    code: 'not_found',
    message: 'There is no such stop in this team. It may have been lifted already, or be one of the server.',
  });
}

import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import { raisePolicyVersion, tellOfSwitch, type KillSwitchTarget } from './kill-switch.ts';
import { releaseStopped } from './release-stopped.ts';
import { insertKillSwitch, readReason, type KillSwitchInput } from './set-kill-switch.ts';

/**
 * The operator stops publishing for every team of the server. Each team's activity says so.
 * @throws AppError InvalidInput (`reason_missing`); Conflict (`stopped_already`)
 */
export async function stopServer({ db }: Pick<Context, 'db'>, input: KillSwitchInput): Promise<void> {
  const reason = readReason(input.reason);
  await db.$transaction(async (tx) => {
    await raisePolicyVersion(tx, null);
    await insertKillSwitch(tx, { ...input, reason, teamId: null, personId: null });
    await recordForAll(tx, 'publishing.stopped', { ...toDetail(input), reason });
  });
}

/** @returns how many deliveries go on; @throws AppError NotFound */
export async function resumeServer({ db }: Pick<Context, 'db'>, target: KillSwitchTarget): Promise<number> {
  await db.$transaction(async (tx) => {
    await raisePolicyVersion(tx, null);
    const lifted = await tx.$executeRaw`
      delete from kill_switch
      where team_id is null and kind = ${target.kind} and target is not distinct from ${target.target}`;
    if (lifted === 0) {
      throw notFound({ code: 'not_found', message: 'That is not stopped for the whole server.' });
    }
    await recordForAll(tx, 'publishing.resumed', toDetail(target));
  });
  return releaseStopped({ db }, null);
}

/** The stops of the whole server, the oldest first. */
export async function listServerStops({
  db,
}: Pick<Context, 'db'>): Promise<(KillSwitchTarget & { reason: string; createdAt: Date })[]> {
  return db.$queryRaw`
    select kind, target, reason, created_at as "createdAt" from kill_switch where team_id is null order by created_at`;
}

function toDetail({ kind, target }: KillSwitchTarget) {
  return { kind, target, isServerWide: true };
}

async function recordForAll(
  tx: Transaction,
  action: 'publishing.stopped' | 'publishing.resumed',
  detail: KillSwitchTarget & { reason?: string; isServerWide: boolean },
): Promise<void> {
  const teams = await tx.team.findMany({ select: { id: true } });
  const ids = teams.map(({ id }) => id);
  await tx.$executeRaw`
    insert into activity (id, team_id, at, actor, action, target, result, detail)
    select t.id, t.team_id, clock_timestamp(), 'system', ${action}, coalesce(${detail.target}, t.team_id), 'ok',
      ${JSON.stringify(detail)}::jsonb
    from unnest(${ids.map(() => newId('activity'))}::text[], ${ids}::text[]) as t (id, team_id)`;
  await tellOfSwitch(tx, ids, action, detail);
}

import { recordActivity } from '../activity/record-activity.ts';
import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict, invalidInput, notAllowed, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import { raisePolicyVersion, tellOfSwitch, type KillSwitchTarget } from './kill-switch.ts';

const MAX_REASON_LENGTH = 300;

export interface KillSwitchInput extends KillSwitchTarget {
  /** Why, in the owner's words; people read it with every post that is held. */
  reason: string;
}

/**
 * Stops publishing: of the whole team, on a network or channel, or by a client. What is due is held from now on; what is
 * being sent at this moment goes through.
 * @throws AppError NotAllowed (`not_owner`); InvalidInput (`reason_missing`); NotFound for what is not the team's;
 *   Conflict (`stopped_already`)
 */
export async function setKillSwitch(
  context: Context,
  caller: PersonCaller,
  input: KillSwitchInput,
): Promise<string> {
  assertOwner(caller);
  const { kind, target } = input;
  const reason = readReason(input.reason);
  return context.db.$transaction(async (tx) => {
    const { teamId, personId } = caller;
    await assertKnown(context, tx, caller, input);
    await raisePolicyVersion(tx, teamId);
    const id = await insertKillSwitch(tx, { teamId, personId, kind, target, reason });
    const detail = { kind, target, reason };
    await recordActivity(
      { db: tx },
      { caller, action: 'publishing.stopped', target: target ?? teamId, result: 'ok', detail },
    );
    await tellOfSwitch(tx, [teamId], 'publishing.stopped', detail);
    return id;
  });
}

/** @throws AppError NotAllowed (`not_owner`) */
export function assertOwner({ role }: PersonCaller): void {
  if (role === 'owner') return;
  throw notAllowed({
    code: 'not_owner',
    message: 'Only an owner of the team stops publishing and lets it go on.',
  });
}

/** @throws AppError InvalidInput (`reason_missing`) */
export function readReason(text: string): string {
  const reason = text.trim().replaceAll(/\s+/g, ' ').slice(0, MAX_REASON_LENGTH);
  if (reason !== '') return reason;
  throw invalidInput({
    code: 'reason_missing',
    field: 'reason',
    message: 'Say in a few words why: people read it with every post that is held.',
  });
}

/** @throws AppError Conflict (`stopped_already`) */
export async function insertKillSwitch(
  tx: Pick<Transaction, '$executeRaw'>,
  row: KillSwitchInput & { teamId: string | null; personId: string | null },
): Promise<string> {
  const id = newId('killSwitch');
  const inserted = await tx.$executeRaw`
    insert into kill_switch (id, team_id, kind, target, reason, created_by_id, created_at)
    values (${id}, ${row.teamId}, ${row.kind}, ${row.target}, ${row.reason}, ${row.personId}, clock_timestamp())
    on conflict do nothing`;
  if (inserted > 0) return id;
  throw conflict({ code: 'stopped_already', message: 'That is stopped already.' });
}

async function assertKnown(
  { networks }: Context,
  tx: Transaction,
  { teamId }: PersonCaller,
  { kind, target }: KillSwitchTarget,
): Promise<void> {
  const isKnown = {
    everything: () => target === null,
    network: () => networks.has(target ?? ''),
    channel: async () =>
      (await tx.channel.findUnique({ where: { teamId_id: { teamId, id: target ?? '' } } })) !== null,
    client: async () =>
      (await tx.connection.findFirst({ where: { teamId, clientId: target ?? '' } })) !== null,
  };
  if (await isKnown[kind]()) return;
  throw notFound({ code: 'not_found', field: 'what', message: `There is no such ${kind} in this team.` });
}

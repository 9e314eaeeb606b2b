import { recordActivity } from '../activity/record-activity.ts';
import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { invalidInput, notAllowed } from '../errors.ts';
import { assertOwner } from './members.ts';
import { parseLanguage } from './team-language.ts';
import { parseTeamName, parseTimeZone } from './teams.ts';

export interface TeamChanges {
  name: string;
  /** IANA name. */
  timeZone: string;
  /** ISO 639-1; empty: none. */
  language: string;
}

/**
 * Changes what a team is called, the zone of its clocks and the language of its posts, which networks and who writes captions
 * are told from then on. What is on the calendar goes out at the very moment that was
 * chosen; queue slots and the rules of the team are wall times, so they are read in the new zone from the next decision on.
 * Saying the same again changes and records nothing.
 * @throws AppError NotAllowed (`not_owner`); InvalidInput (`invalid_team_name`, `invalid_time_zone`, `invalid_language`)
 */
export async function changeTeam(context: Context, caller: PersonCaller, input: TeamChanges): Promise<void> {
  assertOwner(caller);
  const name = parseTeamName(input.name.replaceAll(/\s+/g, ' '));
  const timeZone = parseTimeZone(input.timeZone);
  const language = parseLanguage(input.language);
  await context.db.$transaction(async (tx) => {
    const before = await lockTeam(tx, caller);
    const isOtherZone = before.timeZone !== timeZone;
    if (before.name === name && before.language === language && !isOtherZone) return;
    if (isOtherZone) await assertKnownToDatabase(tx, timeZone);
    await tx.team.update({
      where: { id: caller.teamId },
      data: {
        ...{ name, timeZone, language },
        // Quiet hours and days begin at other moments now: whoever decided under the old clocks decides again.
        ...(isOtherZone && { policyVersion: { increment: 1 } }),
      },
    });
    const detail = {
      ...(before.name !== name && { name: { from: before.name, to: name } }),
      ...(isOtherZone && { timeZone: { from: before.timeZone, to: timeZone } }),
      ...(before.language !== language && { language: { from: before.language, to: language } }),
    };
    await recordActivity(
      { db: tx },
      { caller, action: 'team.changed', target: caller.teamId, result: 'ok', detail },
    );
  });
}

type LockedTeam = Omit<TeamChanges, 'language'> & { language: string | null };

/** The member before the team, in the order of every change of members. */
async function lockTeam(tx: Transaction, { teamId, personId }: PersonCaller): Promise<LockedTeam> {
  const [member] = await tx.$queryRaw<{ role: string }[]>`
    select role from membership where team_id = ${teamId} and person_id = ${personId} for share`;
  if (member?.role !== 'owner') {
    throw notAllowed({ code: 'not_owner', message: 'You are not an owner of the team any more.' });
  }
  const [team] = await tx.$queryRaw<LockedTeam[]>`
    select name, time_zone as "timeZone", language from team where id = ${teamId} for no key update`;
  return team!;
}

/** Its clocks decide; another edition of the zones may lack a name that this runtime knows. */
async function assertKnownToDatabase(tx: Transaction, timeZone: string): Promise<void> {
  const [known] = await tx.$queryRaw<{ isKnown: boolean }[]>`
    select exists (select from pg_timezone_names where name = ${timeZone}) as "isKnown"`;
  if (known!.isKnown) return;
  throw invalidInput({
    code: 'invalid_time_zone',
    field: 'timeZone',
    message:
      'The database of this server does not know this time zone. Choose another one of the same clocks.',
  });
}

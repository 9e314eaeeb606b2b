import { addPlaygroundChannel } from '../channels/add-playground-channel.ts';
import type { Transaction } from '../database/client.ts';
import { invalidInput } from '../errors.ts';
import { newId } from '../ids.ts';

export interface NewTeam {
  name: string;
  /** IANA name. */
  timeZone: string;
  ownerId: string;
}

/** A team with its owner and a Playground channel, so that there is somewhere to publish at once. */
export async function createTeam(tx: Transaction, { name, timeZone, ownerId }: NewTeam): Promise<string> {
  const id = newId('team');
  await tx.team.create({ data: { id, name, timeZone } });
  await tx.membership.create({ data: { teamId: id, personId: ownerId, role: 'owner' } });
  await addPlaygroundChannel(tx, id);
  return id;
}

/** @throws AppError InvalidInput (`invalid_team_name`) */
export function parseTeamName(name: string): string {
  const trimmed = name.trim();
  if (trimmed.length === 0 || trimmed.length > 80) {
    throw invalidInput({
      code: 'invalid_team_name',
      field: 'teamName',
      message: 'The team name needs 1 to 80 characters.',
    });
  }
  return trimmed;
}

/** The zone by the name that this runtime knows it by. @throws AppError InvalidInput (`invalid_time_zone`) */
export function parseTimeZone(timeZone: string): string {
  // An offset such as +02:00 passes for a zone, but has no daylight saving time.
  if (/^[A-Za-z]/.test(timeZone)) {
    try {
      return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
    } catch {
      // Falls through to the one refusal.
    }
  }
  throw invalidInput({
    code: 'invalid_time_zone',
    field: 'timeZone',
    message: 'This time zone is not known. Choose one like Europe/Berlin.',
  });
}

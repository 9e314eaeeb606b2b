import type { Transaction } from '../database/client.ts';

export interface PersonActivity {
  personId: string;
  /** `person.signed_in`, `person.sign_in_failed`, `person.signed_out`, ... */
  action: string;
  /** `ok`, or the code of what went wrong. */
  result: string;
  /** The network address it came from. */
  address?: string | undefined;
  /** What else somebody may ask later; never a secret. */
  detail?: Record<string, unknown> | undefined;
}

/**
 * What concerns a person and no team of theirs in particular, such as signing in: a row for each team they are a member
 * of, because each team's owners may ask. Nothing for a person without a team. `db` may be a transaction.
 */
export async function recordForPerson(
  context: { db: Pick<Transaction, '$executeRaw'> },
  { personId, action, result, address, detail }: PersonActivity,
): Promise<void> {
  await context.db.$executeRaw`
    insert into activity (id, team_id, at, actor, person_id, action, target, result, address, detail)
    select new_activity_id(), m.team_id, clock_timestamp(), 'person', m.person_id, ${action}, m.person_id, ${result},
      ${address ?? null}, ${detail ? JSON.stringify(detail) : null}::jsonb
    from membership m where m.person_id = ${personId}`;
}

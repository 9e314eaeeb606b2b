import { connectionIdOf, type Actor } from '../caller.ts';
import type { Transaction } from '../database/client.ts';
import { newId } from '../ids.ts';

export interface ActivityInput {
  caller: Actor;
  /** A tool's name, or a noun and verb such as `post.approved`. */
  action: string;
  /** The id of what it was done to. */
  target?: string | undefined;
  /** `ok`, or the code of the error. */
  result: string;
  /** The id of the policy rule that decided. */
  rule?: string | undefined;
  /** The network address it came from; the caller's own when absent. */
  address?: string | undefined;
  /** What else a person may ask later; never a secret. */
  detail?: Record<string, unknown> | undefined;
}

/** One row of the audit record: who did what, through which connection. `db` may be a transaction. */
export async function recordActivity(
  context: { db: Pick<Transaction, '$executeRaw'> },
  activity: ActivityInput,
): Promise<void> {
  const { caller, action, target, result, rule, address, detail } = activity;
  await context.db.$executeRaw`
    insert into activity (id, team_id, at, actor, person_id, connection_id, action, target, result, rule, address, detail)
    values (${newId('activity')}, ${caller.teamId}, clock_timestamp(), ${caller.kind}, ${caller.personId},
      ${connectionIdOf(caller)}, ${action}, ${target ?? null}, ${result}, ${rule ?? null}, ${address ?? caller.address ?? null},
      ${detail ? JSON.stringify(detail) : null}::jsonb)`;
}

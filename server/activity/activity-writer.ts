import type pg from 'pg';

import { connectionIdOf } from '../caller.ts';
import { newId } from '../ids.ts';
import type { ActivityInput } from './record-activity.ts';

/**
 * Writes activity rows outside a transaction: as `recordActivity`, for the calls of tools, of which there are many at once.
 * The promise is kept when the row is committed.
 */
export type ActivityWriter = (activity: ActivityInput) => Promise<void>;

interface WaitingRow {
  row: Record<string, unknown>;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Group commit: rows that come while an insert is under way go out together with the next one. */
export function createActivityWriter(pool: pg.Pool): ActivityWriter {
  let waiting: WaitingRow[] = [];
  let isWriting = false;

  async function writeWaiting(): Promise<void> {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await writeBatch(pool, batch);
    }
    isWriting = false;
  }

  return (activity) =>
    new Promise((resolve, reject) => {
      waiting.push({ row: toRow(activity), resolve, reject });
      if (!isWriting) void writeWaiting();
    });
}

async function writeBatch(pool: pg.Pool, batch: WaitingRow[]): Promise<void> {
  try {
    await insertRows(pool, batch);
    for (const { resolve } of batch) resolve();
  } catch (error) {
    if (batch.length === 1) return batch[0]!.reject(error);
    // A row that is refused (its team was just deleted) must not take the others with it.
    for (const one of batch) await writeBatch(pool, [one]);
  }
}

async function insertRows(pool: pg.Pool, batch: WaitingRow[]): Promise<void> {
  await pool.query({
    name: 'insert_activity',
    text: `insert into activity
        (id, team_id, at, actor, person_id, connection_id, action, target, result, rule, address, detail)
      select id, team_id, clock_timestamp(), actor, person_id, connection_id, action, target, result, rule, address, detail
      from json_to_recordset($1) as row (id text, team_id text, actor text, person_id text, connection_id text,
        action text, target text, result text, rule text, address text, detail jsonb)`,
    values: [JSON.stringify(batch.map(({ row }) => row))],
  });
}

function toRow({ caller, action, target, result, rule, address, detail }: ActivityInput): WaitingRow['row'] {
  return {
    id: newId('activity'),
    team_id: caller.teamId,
    actor: caller.kind,
    person_id: caller.personId,
    connection_id: connectionIdOf(caller),
    action,
    target: target ?? null,
    result,
    rule: rule ?? null,
    address: address ?? caller.address ?? null,
    detail: detail ?? null,
  };
}

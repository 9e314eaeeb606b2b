import { expect } from 'vitest';

import type { Context } from '../../server/context.ts';
import type { DeliveryState } from '../../server/deliveries/delivery-state.ts';
import type { DeliveryModel } from './delivery-model.ts';
import { PERSON_EDGES, WORKER_EDGES } from './legal-edges.ts';

/** All that a step may change of a delivery, by PostgreSQL's clock. */
export interface DeliveryRow {
  state: DeliveryState;
  fence: number;
  lease: 'none' | 'live' | 'over';
  isDue: boolean;
  isTooLate: boolean;
  problemCode: string | null;
  deaths: number;
  emptyReads: number;
  resends: number;
  hasSendStart: boolean;
  hasRemoteId: boolean;
  liveParts: number;
  openAttempts: number;
}

export async function readRow({ db }: Context, id: string): Promise<DeliveryRow> {
  const rows = await db.$queryRaw<DeliveryRow[]>`
    select d.state, d.fence, d.problem_code as "problemCode", d.crash_count as deaths, d.empty_read_count as "emptyReads",
      d.resend_count as resends, d.not_before <= clock_timestamp() as "isDue", d.not_after < clock_timestamp() as "isTooLate",
      case when d.lease_until is null then 'none' when d.lease_until <= clock_timestamp() then 'over' else 'live' end as lease,
      d.send_started_at is not null as "hasSendStart", d.remote_id is not null as "hasRemoteId",
      (select count(*)::int from delivery_part p where p.delivery_id = d.id and p.remote_id is not null) as "liveParts",
      (select count(*)::int from attempt a where a.delivery_id = d.id and a.outcome is null) as "openAttempts"
    from delivery d where d.id = ${id}`;
  expect(rows, 'lost').toHaveLength(1);
  return rows[0]!;
}

/** What holds whoever did whatever. */
export function expectTruth(
  before: DeliveryRow,
  after: DeliveryRow,
  by: 'worker' | 'person',
  name: string,
): void {
  if (before.state !== after.state) {
    const edges = by === 'worker' ? WORKER_EDGES : PERSON_EDGES;
    expect(edges[before.state], `${name}: ${before.state} to ${after.state}`).toContain(after.state);
  }
  expect(after.fence, `${name}: the fence fell`).toBeGreaterThanOrEqual(before.fence);
  expect(after.liveParts, `${name}: a live part was forgotten`).toBeGreaterThanOrEqual(before.liveParts);
  expect(after.hasRemoteId, name).toBe(after.state === 'published');
  const isInHands = after.state === 'claimed' || after.state === 'prepared' || after.state === 'sending';
  if (isInHands) expect(after.lease, name).not.toBe('none');
  else if (after.state !== 'unknown') expect(after.lease, name).toBe('none');
  if (after.state === 'sending') expect(after.openAttempts, name).toBe(1);
  expect(after.openAttempts, name).toBeLessThan(2);
  if (after.state === 'unknown' || after.state === 'sending') expect(after.hasSendStart, name).toBe(true);
  const hasStopped = ['held', 'failed', 'missed', 'needs_attention'].includes(after.state);
  if (hasStopped) expect(after.problemCode, `${name}: stopped without a reason`).not.toBeNull();
}

const SHARED = [
  'state',
  'fence',
  'lease',
  'isDue',
  'isTooLate',
  'deaths',
  'emptyReads',
  'resends',
  'liveParts',
  'hasSendStart',
  'problemCode',
] as const;

/** Where the time of the next look counts. */
const WAITING = new Set<DeliveryState>(['scheduled', 'unknown', 'held']);

export function expectSame(model: DeliveryModel, row: DeliveryRow, name: string): void {
  const keys = SHARED.filter((key) => key !== 'isDue' || WAITING.has(row.state));
  const pick = (of: DeliveryModel | DeliveryRow) => Object.fromEntries(keys.map((key) => [key, of[key]]));
  expect(pick(row), name).toEqual(pick(model));
}

/** After a person the model takes over what the row says. */
export function resync(model: DeliveryModel, row: DeliveryRow): void {
  if (row.liveParts > model.liveParts) Object.assign(model, { isUnproved: false, emptyReadsInARow: 0 });
  for (const key of SHARED) Object.assign(model, { [key]: row[key] });
  // The mark of a send that is under way is its own.
  if (row.state !== 'sending') model.wasUnclear = row.hasSendStart;
  model.emptyReadsInARow = 0;
}

import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { createDaySigner, type DaySigner } from './day-signature.ts';
import { digestDay } from './digest-day.ts';

/**
 * rows_changed, rows_missing, rows_added: not what was signed. digest_missing: the day was never signed, or what was signed
 * is gone. digest_changed: the signature does not fit. chain_broken: the day may be what was signed, but the day before
 * is not.
 */
export type DayProblem =
  'rows_changed' | 'rows_missing' | 'rows_added' | 'digest_missing' | 'digest_changed' | 'chain_broken';

export interface CheckedDay {
  /** UTC, 2026-12-01. */
  day: string;
  /** waiting: it is not signed yet. */
  state: 'unchanged' | 'changed' | 'waiting';
  problem: DayProblem | null;
  /** Rows there are now. */
  rowCount: number;
  signedRowCount: number | null;
  signedAt: Date | null;
}

export interface DayRange {
  /** UTC, 2026-12-01. */
  from: string;
  /** The same day or a later one. */
  to: string;
}

/** A day that nobody signed by then will not be: the sweep of any worker signs within minutes. */
const SIGNED_WITHIN_HOURS = 24;

/**
 * Looks whether the finished days of the team's activity are what was signed: finds a changed, missing or added row, a
 * missing or changed digest, and a broken chain. Oldest first; reads every row of the days.
 */
export async function verifyActivity(
  context: Pick<Context, 'db' | 'seal'>,
  caller: Caller,
  range: DayRange,
): Promise<CheckedDay[]> {
  const signer = createDaySigner(context.seal);
  const checked: CheckedDay[] = [];
  for (const stored of await readStoredDays(context, caller.teamId, range)) {
    checked.push(await checkDay(context, signer, caller.teamId, stored));
  }
  return checked;
}

interface StoredDay {
  day: string;
  /** The team's first. */
  isFirst: boolean;
  /** It should have been signed by now. */
  isLate: boolean;
  signed: SignedRow | null;
  previous: (SignedRow & { day: string }) | null;
}

interface SignedRow {
  rowCount: number;
  /** Hex. */
  digest: string;
  signature: string;
  signedAt: string;
}

/** Days of the range that are over, from the team's first on. */
async function readStoredDays(
  context: Pick<Context, 'db'>,
  teamId: string,
  { from, to }: DayRange,
): Promise<StoredDay[]> {
  return context.db.$queryRaw<StoredDay[]>`
    with signed as (
      select day, json_build_object('day', to_char(day, 'YYYY-MM-DD'), 'rowCount', row_count,
        'digest', encode(digest, 'hex'), 'signature', encode(signature, 'hex'), 'signedAt', signed_at) as signed
      from activity_digest where team_id = ${teamId}
    ), first as (
      select (least(t.created_at, (select min(a.at) from activity a where a.team_id = t.id)) at time zone 'UTC')::date
        as day
      from team t where t.id = ${teamId}
    ), days as (
      select every::date as day, every::date = first.day as is_first
      from first, generate_series(greatest(${from}::date, first.day),
        least(${to}::date, (clock_timestamp() at time zone 'UTC')::date - 1), interval '1 day') as every
    )
    select to_char(days.day, 'YYYY-MM-DD') as day, days.is_first as "isFirst", signed.signed, before.signed as previous,
      exists (select from signed later where later.day > days.day)
        or clock_timestamp() > (days.day + 1)::timestamp at time zone 'UTC'
          + make_interval(hours => ${SIGNED_WITHIN_HOURS}::int) as "isLate"
    from days
    left join signed on signed.day = days.day
    left join signed before on before.day = days.day - 1
    order by days.day`;
}

async function checkDay(
  context: Pick<Context, 'db'>,
  signer: DaySigner,
  teamId: string,
  { day, isFirst, isLate, signed, previous }: StoredDay,
): Promise<CheckedDay> {
  const found = await digestDay(context, {
    teamId,
    day,
    previous: previous && Buffer.from(previous.digest, 'hex'),
  });
  const isIntact = (row: SignedRow, of: string) =>
    signer.isSignatureOf(
      {
        teamId,
        day: of,
        rowCount: row.rowCount,
        digest: Buffer.from(row.digest, 'hex'),
        signedAt: new Date(row.signedAt),
      },
      Buffer.from(row.signature, 'hex'),
    );
  const isChained = previous ? isIntact(previous, previous.day) : isFirst;
  const problem = signed
    ? findProblem(found, signed, isIntact(signed, day), isChained)
    : isLate
      ? 'digest_missing'
      : null;
  return {
    day,
    state: problem ? 'changed' : signed ? 'unchanged' : 'waiting',
    problem,
    rowCount: found.rowCount,
    signedRowCount: signed?.rowCount ?? null,
    signedAt: signed && new Date(signed.signedAt),
  };
}

function findProblem(
  found: { rowCount: number; digest: Buffer },
  signed: SignedRow,
  isIntact: boolean,
  isChained: boolean,
): DayProblem | null {
  if (!isIntact) return 'digest_changed';
  if (found.rowCount < signed.rowCount) return 'rows_missing';
  if (found.rowCount > signed.rowCount) return 'rows_added';
  if (found.digest.toString('hex') === signed.digest) return null;
  return isChained ? 'rows_changed' : 'chain_broken';
}

import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { writeCursor, type Page } from '../paging.ts';
import { readRows, type ActivityFilter, type ActivityRow } from './list-activity.ts';

/** The same, done again and again, as one line. */
export interface FoldedActivity extends ActivityRow {
  count: number;
  /** The earliest; `at` is the latest. */
  since: Date;
}

const LINES = 40;
/** Read for one page at most, however often something was repeated. */
const ROWS = 400;
/** Looking at one thing after the other is one line. */
const LOOKING = /^(list|get|preview)_/;

/** Newest first; whatever follows on its like is folded. A page ends after 40 lines, and the next begins where it ended. */
export async function foldActivity(
  context: Pick<Context, 'db'>,
  caller: Caller,
  filter: Omit<ActivityFilter, 'limit'>,
): Promise<Page<FoldedActivity>> {
  const rows = await readRows(context, caller, filter, ROWS + 1);
  const lines: FoldedActivity[] = [];
  let taken = 0;
  for (const { key: _key, ...row } of rows.slice(0, ROWS)) {
    const last = lines.at(-1);
    if (last && isRepeated(last, row)) {
      last.count += 1;
      last.since = row.at;
      if (last.target !== row.target) last.target = null;
    } else if (lines.length === LINES) break;
    else lines.push({ ...row, count: 1, since: row.at });
    taken += 1;
  }
  const end = rows[taken - 1];
  const nextCursor =
    rows.length > taken && end ? writeCursor('activity-newest', { key: end.key, id: end.id }) : null;
  return { items: lines, nextCursor };
}

function isRepeated(line: FoldedActivity, row: ActivityRow): boolean {
  return (
    line.action === row.action &&
    line.actor === row.actor &&
    line.personId === row.personId &&
    line.connectionId === row.connectionId &&
    line.result === row.result &&
    line.rule === row.rule &&
    line.address === row.address &&
    (line.target === row.target || LOOKING.test(row.action))
  );
}

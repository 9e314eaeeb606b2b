import { createHash } from 'node:crypto';

import type { Context } from '../context.ts';
import { readDay } from './read-day.ts';

/** Changes when what is digested does. */
const FORM = 'grantcast-activity-1';

export interface DayDigest {
  rowCount: number;
  /** SHA-256. */
  digest: Buffer;
}

/**
 * SHA-256 over lines of UTF-8, each ended by a line feed: the name of this form, the team, the day, the digest of the day
 * before in hex (empty on the team's first day), then the day's rows (`readDay`).
 */
export async function digestDay(
  context: Pick<Context, 'db'>,
  { teamId, day, previous }: { teamId: string; day: string; previous: Uint8Array | null },
): Promise<DayDigest> {
  const before = previous ? Buffer.from(previous).toString('hex') : '';
  const hash = createHash('sha256').update(`${FORM}\n${teamId}\n${day}\n${before}\n`);
  let rowCount = 0;
  for await (const lines of readDay(context, teamId, day)) {
    rowCount += lines.length;
    hash.update(`${lines.join('\n')}\n`);
  }
  return { rowCount, digest: hash.digest() };
}

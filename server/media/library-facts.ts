import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { filesOf } from './assert-quota.ts';

/** What a team's library holds, and what of it wants a person. */
export interface LibraryFacts {
  pictures: number;
  /** Nobody wrote an alt text for them. */
  undescribed: number;
  /** With what networks got or will get of them; each file counts once. */
  usedBytes: number;
  quotaBytes: number;
  /** The most used first. */
  tags: string[];
}

const MAX_TAGS = 20;

export async function getLibraryFacts(
  { db, config }: Pick<Context, 'db' | 'config'>,
  { teamId }: Caller,
): Promise<LibraryFacts> {
  const [row] = await db.$queryRaw<Omit<LibraryFacts, 'quotaBytes'>[]>`
    select count(*) filter (where state = 'ready')::int as pictures,
      count(*) filter (where state = 'ready' and alt_text is null)::int as undescribed,
      (select coalesce(sum(byte_count), 0)::float8 from (${filesOf(teamId)}) files) as "usedBytes",
      (select coalesce(array_agg(tag), '{}') from (
        select tag from media m cross join unnest(m.tags) as tag where m.team_id = ${teamId} and m.state = 'ready'
        group by tag order by count(*) desc, tag limit ${MAX_TAGS}) most) as tags
    from media where team_id = ${teamId}`;
  return { ...row!, quotaBytes: config.media.quotaBytes };
}

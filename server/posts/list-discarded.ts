import { Prisma } from '../../prisma/generated/client.ts';
import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { readCursor, toPage, type Page, type Position } from '../paging.ts';
import { restorableUntil } from './discarded-conflict.ts';

const ORDER = 'discarded-newest';
const PAGE_SIZE = 20;

export interface DiscardedPost {
  id: string;
  rev: number;
  /** The beginning of the text. */
  excerpt: string;
  campaignName: string;
  discardedAt: Date;
  restorableUntil: Date;
}

/** What is in the trash, what was thrown away last first. */
export async function listDiscarded(
  context: Context,
  caller: Caller,
  cursor: string | undefined,
): Promise<Page<DiscardedPost>> {
  const position = readCursor(ORDER, cursor);
  const rows = await context.db.$queryRaw<(Omit<DiscardedPost, 'restorableUntil'> & Position)[]>`
    select p.id, p.discarded_at::text as key, p.rev, left(r.text, 160) as excerpt, c.name as "campaignName",
      p.discarded_at as "discardedAt"
    from post p
    join post_revision r on r.post_id = p.id and r.rev = p.rev
    join campaign c on c.id = p.campaign_id
    where p.team_id = ${caller.teamId} and p.discarded_at is not null
      ${position ? Prisma.sql`and (p.discarded_at, p.id) < (${position.key}::timestamptz, ${position.id})` : Prisma.empty}
    order by p.discarded_at desc, p.id desc
    limit ${PAGE_SIZE + 1}`;
  return toPage(rows, PAGE_SIZE, ORDER, ({ key: _, ...row }) => ({
    ...row,
    restorableUntil: restorableUntil(row.discardedAt),
  }));
}

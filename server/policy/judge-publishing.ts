import type { Transaction } from '../database/client.ts';
import { countPosts, type CountInput, type PostCounts } from './count-posts.ts';
import { decide, levelOf, type PublishingRequest, type Verdict } from './decide.ts';
import { dueDayOf } from './due-day.ts';
import { findUsedChannels } from './find-used-channels.ts';
import type { PolicyRule } from './policy-rule.ts';
import { visitRules, type PolicyTable, type Subject } from './policy-table.ts';

/** What goes out under a connection, when, and by which tool. */
export interface Publishing {
  teamId: string;
  clientId: string;
  connectionId: string;
  /** The connection holds posts:publish. */
  mayPublish: boolean;
  tool: string | null;
  dueAt: Date;
  /** The team's. */
  timeZone: string;
  channelIds: readonly string[];
}

export interface PublishingVerdict extends Verdict {
  /** What the strictest cap leaves of that day; null where no cap is set. */
  postsLeft: number | null;
}

/** The verdict for each channel. The database is asked only for facts on which a rule depends. */
export async function judgePublishing(
  db: Pick<Transaction, '$queryRaw'>,
  table: PolicyTable,
  publishing: Publishing,
  { counted, exceptDeliveryIds }: Pick<CountInput, 'counted' | 'exceptDeliveryIds'>,
): Promise<Map<string, PublishingVerdict>> {
  const { channelIds, dueAt, timeZone } = publishing;
  const day = dueDayOf(dueAt, timeZone);
  const requests = channelIds.map((channelId) => toRequest(publishing, channelId, day.wallTime));
  const capped = requests.filter((request) => capsOn(table, request).length > 0);
  const counts = await orNothing(capped, (ids) =>
    countPosts(db, { ...publishing, channelIds: ids, day, counted, exceptDeliveryIds }),
  );
  const firstUse = requests.filter((request) => dependsOnFirstUse(table, request));
  const used = await orNothing(firstUse, (ids) => findUsedChannels(db, { ...publishing, channelIds: ids }));
  return new Map(
    requests.map((request) => {
      const { channelId } = request;
      const postsThatDay = counts?.get(channelId) ?? NO_POSTS;
      const isFirstUse = firstUse.includes(request) && !used?.has(channelId);
      const verdict = decide(table, { ...request, postsThatDay, isFirstUse });
      return [channelId, { ...verdict, postsLeft: postsLeftOf(capsOn(table, request), postsThatDay) }];
    }),
  );
}

/** The caps that are about a subject, reached or not. */
export function capsOn(table: PolicyTable, subject: Subject): PolicyRule[] {
  const caps: PolicyRule[] = [];
  visitRules(table, subject, (row) => {
    if (row.condition === 'daily_cap') caps.push(row);
  });
  return caps;
}

const NO_POSTS: PostCounts = { connection: 0, client: 0, team: 0 };

function toRequest(publishing: Publishing, channelId: string, wallTime: string): PublishingRequest {
  const { clientId, connectionId, mayPublish, tool, dueAt } = publishing;
  const who = { clientId, connectionId, tool, channelId };
  return {
    kind: 'publishing',
    ...who,
    mayPublish,
    dueAt,
    wallTime,
    postsThatDay: NO_POSTS,
    isFirstUse: false,
  };
}

/** Whatever the counts are: they can only make the verdict stricter. */
function dependsOnFirstUse(table: PolicyTable, request: PublishingRequest): boolean {
  return decide(table, request).effect !== decide(table, { ...request, isFirstUse: true }).effect;
}

async function orNothing<Facts>(
  requests: readonly PublishingRequest[],
  read: (channelIds: string[]) => Promise<Facts>,
): Promise<Facts | null> {
  return requests.length === 0 ? null : read(requests.map(({ channelId }) => channelId));
}

function postsLeftOf(caps: readonly PolicyRule[], posts: PostCounts): number | null {
  if (caps.length === 0) return null;
  return Math.max(0, Math.min(...caps.map((cap) => cap.postsPerDay! - posts[levelOf(cap)])));
}

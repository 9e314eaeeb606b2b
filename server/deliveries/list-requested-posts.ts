import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { requestsOfDraftsSql } from './requested-posts-sql.ts';

/** A post whose present revision a client asked to have approved, although it has no time yet. */
export interface RequestedPost {
  id: string;
  /** The beginning of the text. */
  excerpt: string;
  channels: { network: string; handle: string; imitates: string | null }[];
}

/**
 * What waits for the person's yes without being on the calendar, the first to expire first; at most 20. Somebody else's
 * name on a request keeps it out, as long as that one may still answer; `isForAll` shows those too. Posts that need somebody
 * for another reason as well are left out: lists of posts have them.
 */
export async function listRequestedPosts(
  { db }: Pick<Context, 'db'>,
  { teamId, personId }: PersonCaller,
  { isForAll = false }: { isForAll?: boolean } = {},
): Promise<RequestedPost[]> {
  return db.$queryRaw<RequestedPost[]>`
    select p.id, left(regexp_replace(r.text, '\\s+', ' ', 'g'), 80) as excerpt,
      (select json_agg(json_build_object('network', ch.network, 'handle', ch.handle, 'imitates', ch.imitates) order by d.id)
       from delivery d join channel ch on ch.id = d.channel_id where d.post_id = p.id) as channels
    ${requestsOfDraftsSql(teamId)}
      and (${isForAll} or q.reviewer_id is null or q.reviewer_id = ${personId} or not exists (
        select from membership m join person named on named.id = m.person_id
        where m.team_id = q.team_id and m.person_id = q.reviewer_id and m.role in ('owner', 'editor')
          and named.disabled_at is null))
    order by q.expires_at, q.id
    limit 20`;
}

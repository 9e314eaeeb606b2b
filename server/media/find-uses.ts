import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { POST_STATE_SQL, type DeliveryState } from '../deliveries/delivery-state.ts';

export interface MediaUse {
  postId: string;
  /** The beginning of the text. */
  excerpt: string;
  state: DeliveryState;
}

/** Posts that show a picture as they stand now, newest first, the first twenty. */
export async function findUses(context: Context, caller: Caller, mediaId: string): Promise<MediaUse[]> {
  return context.db.$queryRaw<MediaUse[]>`
    select p.id as "postId", left(r.text, 80) as excerpt, s.state
    from revision_media u
    join post p on p.id = u.post_id and p.rev = u.rev and p.discarded_at is null
    join post_revision r on r.post_id = p.id and r.rev = p.rev
    cross join lateral (select ${POST_STATE_SQL} as state from delivery d where d.post_id = p.id) s
    where u.team_id = ${caller.teamId} and u.media_id = ${mediaId}
    order by p.created_at desc, p.id desc
    limit 20`;
}

import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { mediaThumbnailPath } from '../media/media-urls.ts';

export interface PostThumbnail {
  src: string;
  /** Null where nobody described it. */
  altText: string | null;
}

/** The first picture of the current revision of each post that has one, by post. */
export async function findPostPictures(
  { db }: Pick<Context, 'db'>,
  { teamId }: Caller,
  postIds: readonly string[],
): Promise<Map<string, PostThumbnail>> {
  if (postIds.length === 0) return new Map();
  const rows = await db.$queryRaw<
    { postId: string; id: string; contentHash: Uint8Array; altText: string | null }[]
  >`
    select p.id as "postId", m.id, m.content_hash as "contentHash", u.alt_text as "altText"
    from post p
    join revision_media u on u.post_id = p.id and u.rev = p.rev and u.position = 1
    join media m on m.id = u.media_id
    where p.team_id = ${teamId} and p.id = any(${[...postIds]}) and m.state = 'ready'`;
  return new Map(
    rows.map(({ postId, id, contentHash, altText }) => [
      postId,
      { src: mediaThumbnailPath({ id, contentHash }), altText },
    ]),
  );
}

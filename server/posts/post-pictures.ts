import type { Transaction } from '../database/client.ts';
import { conflict, notFound } from '../errors.ts';

/** A picture of a post, as it is described in one revision. */
export interface PostPicture {
  mediaId: string;
  /** Null where nobody described it. */
  altText: string | null;
  /** 0 to 1, from the left and from the top: what a cut keeps. */
  focalX: number;
  focalY: number;
  mimeType: string;
  /** Pixels, upright. */
  width: number;
  height: number;
  byteCount: number;
  contentHash: Uint8Array<ArrayBuffer>;
  /** Its file may be gone from the library; what was made for a scheduled revision stays. */
  isDeleted: boolean;
}

/**
 * Pictures of the library as they are described now, in the order given. They are locked FOR SHARE until the transaction
 * ends, so that a change of a description is either seen here or finds the revision (`refreshDraftMedia`). Media are locked
 * before posts.
 * @throws AppError NotFound (field `media_ids`), also for a deleted one; Conflict (`media_not_ready`)
 */
export async function findLibraryPictures(
  tx: Transaction,
  teamId: string,
  mediaIds: readonly string[],
): Promise<PostPicture[]> {
  if (mediaIds.length === 0) return [];
  await tx.$executeRaw`
    select from media where team_id = ${teamId} and id = any(${[...mediaIds]}) order by id for share`;
  const rows = await tx.$queryRaw<(PostPicture & { state: string })[]>`
    select id as "mediaId", state, alt_text as "altText", focal_x as "focalX", focal_y as "focalY",
      mime_type as "mimeType", width, height, byte_count as "byteCount", content_hash as "contentHash",
      false as "isDeleted"
    from media where team_id = ${teamId} and id = any(${[...mediaIds]})`;
  return mediaIds.map((id) => {
    const found = rows.find(({ mediaId }) => mediaId === id);
    if (!found || found.state === 'deleted') throw noSuchMedia(id);
    if (found.state !== 'ready') throw notReady(id);
    const { state: _, ...picture } = found;
    return picture;
  });
}

/** Those of a revision, in order. */
export async function findRevisionPictures(
  db: Pick<Transaction, '$queryRaw'>,
  { postId, rev }: { postId: string; rev: number },
): Promise<PostPicture[]> {
  return db.$queryRaw<PostPicture[]>`
    select m.id as "mediaId", u.alt_text as "altText", u.focal_x as "focalX", u.focal_y as "focalY",
      m.mime_type as "mimeType", m.width, m.height, m.byte_count as "byteCount", m.content_hash as "contentHash",
      m.state = 'deleted' as "isDeleted"
    from revision_media u join media m on m.id = u.media_id
    where u.post_id = ${postId} and u.rev = ${rev}
    order by u.position`;
}

function noSuchMedia(id: string) {
  return notFound({
    code: 'not_found',
    field: 'media_ids',
    message: `There is no media ${id} in this team.`,
  });
}

function notReady(id: string) {
  return conflict({
    code: 'media_not_ready',
    field: 'media_ids',
    isRetriable: true,
    message: `Media ${id} has no file yet. Upload it first.`,
    nextStep: 'Call list_media with its id for its state, or leave it out.',
  });
}

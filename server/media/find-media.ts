import type { Media } from '../../prisma/generated/client.ts';
import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notFound, type AppError } from '../errors.ts';

/** @throws AppError NotFound for what is another team's or nobody's; a deleted picture is found */
export async function findMedia(
  context: Pick<Context, 'db'>,
  caller: Caller,
  mediaId: string,
): Promise<Media> {
  const media = await context.db.media.findUnique({
    where: { teamId_id: { teamId: caller.teamId, id: mediaId } },
  });
  if (media) return media;
  throw mediaNotFound(mediaId);
}

export function mediaNotFound(mediaId: string): AppError {
  return notFound({
    code: 'not_found',
    field: 'media_id',
    message: `There is no picture ${mediaId} in this team.`,
    nextStep: 'Call list_media for the pictures of this team.',
  });
}

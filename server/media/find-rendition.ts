import type { Rendition } from '../../prisma/generated/client.ts';
import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';

/** @throws AppError NotFound */
export async function findRendition(
  context: Context,
  caller: Caller,
  place: { postId: string; rev: number; channelId: string; position: number },
): Promise<Rendition> {
  const rendition = await context.db.rendition.findFirst({ where: { ...place, teamId: caller.teamId } });
  if (rendition) return rendition;
  throw notFound({ code: 'not_found', message: 'There is no such picture in this team.' });
}

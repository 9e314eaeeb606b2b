import type { Media } from '../../prisma/generated/client.ts';
import { recordActivity } from '../activity/record-activity.ts';
import type { Actor } from '../caller.ts';
import type { Context } from '../context.ts';
import { AppError, conflict, notFound } from '../errors.ts';
import { hashToken, TOKEN } from '../token.ts';
import { hashBytes, keepUpload } from './keep-picture.ts';
import { toMediaDetails, type MediaDetails } from './media-details.ts';

/**
 * The place that a link leads to: still empty, or filled by an earlier try. It leads nowhere once whoever asked for it, or
 * the connection by which they did, may no longer add to the library.
 * @throws AppError NotFound (`upload_link_invalid`)
 */
export async function findUpload(context: Context, token: string): Promise<Media> {
  const found = TOKEN.test(token) ? await findByToken(context, token) : undefined;
  if (found) return found;
  throw notFound({
    code: 'upload_link_invalid',
    message:
      'This upload link is wrong, was replaced by a newer one, or has expired. Ask for a new one with upload_media.',
  });
}

async function findByToken(context: Context, token: string): Promise<Media | undefined> {
  const [row] = await context.db.$queryRaw<{ id: string }[]>`
    select m.id from media m
    join membership member on member.team_id = m.team_id and member.person_id = m.created_by_person_id
      and member.role in ('owner', 'editor')
    join person p on p.id = member.person_id and p.disabled_at is null
    left join connection c on c.id = m.created_by_connection_id
    where m.upload_token_hash = ${hashToken(token)}
      and m.state in ('awaiting_upload', 'ready') and m.upload_expires_at > clock_timestamp()
      and c.revoked_at is null and (c.ends_at is null or c.ends_at > clock_timestamp())
      and (c.id is null or 'media:write' = any (c.scopes))`;
  return row && context.db.media.findUniqueOrThrow({ where: { id: row.id } });
}

/**
 * Fills the place. What is refused may be sent again until it is taken; from then on the same bytes get the same answer.
 * @throws AppError InvalidInput for what is no picture; Conflict (`already_uploaded`, `media_quota_reached`); Unavailable
 */
export async function receiveUpload(
  context: Context,
  upload: Media,
  { bytes, address }: { bytes: Uint8Array; address: string },
): Promise<MediaDetails> {
  const originHash = hashBytes(bytes);
  if (upload.state === 'ready') {
    if (upload.originHash && Buffer.compare(upload.originHash, originHash) === 0)
      return toMediaDetails(upload);
    throw conflict({
      code: 'already_uploaded',
      message:
        'Another file was sent to this link before, and a link takes one. Ask for a new one with upload_media.',
    });
  }
  try {
    const picture = await context.images.normalise(bytes);
    const kept = await keepUpload(context, upload, { picture, originHash });
    const made = { caller: actorOf(upload, address), action: 'media.uploaded', target: upload.id };
    await recordActivity(context, { ...made, result: 'ok' });
    return toMediaDetails(kept);
  } catch (error) {
    await noteProblem(context, upload.id, error);
    throw error;
  }
}

/** For the editor that asked for the link and did not see what the upload was answered. */
async function noteProblem(context: Context, id: string, error: unknown): Promise<void> {
  if (!(error instanceof AppError)) return;
  const data = { problemCode: error.details.code, problemMessage: error.message };
  await context.db.media.updateMany({ where: { id, state: 'awaiting_upload' }, data });
}

/** Whoever has the link; it was made for them. */
function actorOf({ teamId, createdByPersonId, createdByConnectionId }: Media, address: string): Actor {
  const who = { teamId, personId: createdByPersonId, address };
  return createdByConnectionId
    ? { ...who, kind: 'connection', connectionId: createdByConnectionId }
    : { ...who, kind: 'person' };
}

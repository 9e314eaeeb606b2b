import { assertMayWrite, type Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict } from '../errors.ts';
import { hashToken, newToken } from '../token.ts';
import { lockQuota } from './assert-quota.ts';
import { uploadUrl } from './media-urls.ts';
import { assertCampaignIsOurs, newMediaRow, type MediaInput } from './new-media.ts';

const MAX_OPEN_LINKS = 200;

export interface UploadLink {
  mediaId: string;
  /** Takes one file by PUT. */
  uploadUrl: string;
  expiresAt: Date;
}

/**
 * Makes a place for a picture and a link to send it to, good for an hour. Asked for again with the same words while nothing
 * was sent, the place is the same and the link a fresh one: the one before no longer works.
 * @throws AppError Conflict (`too_many_uploads`); NotFound for the campaign; NotAllowed for a viewer
 */
export async function requestUpload(
  context: Context,
  caller: Caller,
  input: MediaInput,
): Promise<UploadLink> {
  assertMayWrite(caller);
  await assertCampaignIsOurs(context, caller, input);
  const token = newToken();
  const { id, expiresAt } = await context.db.$transaction(async (tx) => {
    await lockQuota(tx, caller.teamId);
    const mediaId = await findOrCreatePlace(tx, caller, input);
    const [row] = await tx.$queryRaw<{ expiresAt: Date }[]>`
      update media set upload_token_hash = ${hashToken(token)}, updated_at = clock_timestamp(),
        upload_expires_at = clock_timestamp() + interval '1 hour'
      where id = ${mediaId} returning upload_expires_at as "expiresAt"`;
    return { id: mediaId, expiresAt: row!.expiresAt };
  });
  return { mediaId: id, uploadUrl: uploadUrl(context, token), expiresAt };
}

async function findOrCreatePlace(tx: Transaction, caller: Caller, input: MediaInput): Promise<string> {
  const { id: _id, tags, ...words } = newMediaRow(caller, 'upload', input);
  const open = { ...words, storageKey: null };
  const known = await tx.media.findFirst({
    where: { ...open, tags: { equals: tags } },
    select: { id: true },
  });
  if (known) return known.id;
  const { teamId, state } = words;
  if ((await tx.media.count({ where: { teamId, state } })) >= MAX_OPEN_LINKS) {
    throw conflict({
      code: 'too_many_uploads',
      limit: MAX_OPEN_LINKS,
      message: `${MAX_OPEN_LINKS} upload links of this team are waiting for a file.`,
      nextStep: 'Use those, or wait for a day: then links that were not used are gone.',
    });
  }
  const created = await tx.media.create({ data: newMediaRow(caller, 'upload', input), select: { id: true } });
  return created.id;
}

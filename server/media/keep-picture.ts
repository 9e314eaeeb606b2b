import { createHash } from 'node:crypto';

import type { Media } from '../../prisma/generated/client.ts';
import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict } from '../errors.ts';
import { assertQuota, lockQuota } from './assert-quota.ts';
import type { RenderedImage } from './image-engine.ts';
import { newMediaRow, type MediaInput } from './new-media.ts';
import { recordForBrowser } from './record-for-browser.ts';
import { removeUnusedFile } from './remove-unused-file.ts';
import { lockStorageKey, storageKeyOf } from './storage-key.ts';

export interface KeptPicture {
  picture: RenderedImage;
  /** SHA-256 of the bytes as they came. */
  originHash: Uint8Array<ArrayBuffer>;
}

export function hashBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

/** The picture that these very bytes became, when they came before and its file is whole. */
export async function findSameOrigin(
  { db, mediaStore }: Pick<Context, 'db' | 'mediaStore'>,
  teamId: string,
  originHash: Uint8Array<ArrayBuffer>,
): Promise<Media | null> {
  const same = await db.media.findFirst({
    where: { teamId, originHash, state: 'ready' },
    orderBy: { id: 'asc' },
  });
  const file = same && (await mediaStore.find(same.storageKey!));
  return file && Buffer.compare(hashBytes(file), same.contentHash!) === 0 ? same : null;
}

/**
 * Keeps a picture in the library: as a new one, or as the one that has the same bytes already, whose file it writes again,
 * should it be lost. The row that refers to the file is written first, so that at no time a file lies there that nobody knows
 * of, or one is removed that is being kept.
 * @throws AppError Conflict (`media_quota_reached`), Unavailable
 */
export async function keepPicture(
  context: Context,
  caller: Caller,
  source: 'url' | 'upload' | 'card',
  input: MediaInput & KeptPicture,
): Promise<Media> {
  const file = toFile(caller.teamId, input);
  const row = await context.db.$transaction(async (tx) => {
    await lockQuota(tx, caller.teamId);
    await lockStorageKey(tx, file.storageKey, 'shared');
    const same = await findSame(tx, caller.teamId, file);
    if (same) return same;
    await assertQuota(tx, { teamId: caller.teamId, ...file, ...context.config.media });
    const created = await tx.media.create({ data: { ...newMediaRow(caller, source, input), ...file } });
    await expireInAnHour(tx, created.id);
    await recordForBrowser(tx, caller, 'media.added', created.id);
    return created;
  });
  return finishKeeping(context, row, input.picture);
}

/**
 * The same for the place that an upload link was made for; its id is known outside, so it stays a picture of its own even
 * when another one has the same bytes, and they share the file.
 */
export async function keepUpload(context: Context, upload: Media, kept: KeptPicture): Promise<Media> {
  const file = toFile(upload.teamId, kept);
  const row = await context.db.$transaction(async (tx) => {
    await lockQuota(tx, upload.teamId);
    await lockStorageKey(tx, file.storageKey, 'shared');
    await assertQuota(tx, { teamId: upload.teamId, ...file, ...context.config.media });
    const where = { id: upload.id, state: 'awaiting_upload' };
    const [updated] = await tx.media.updateManyAndReturn({ where, data: file });
    return updated ?? tx.media.findUniqueOrThrow({ where: { id: upload.id } });
  });
  return finishKeeping(context, row, kept.picture, file.storageKey);
}

interface PictureFile {
  storageKey: string;
  contentHash: Uint8Array<ArrayBuffer>;
  originHash: Uint8Array<ArrayBuffer>;
  mimeType: string;
  width: number;
  height: number;
  byteCount: number;
}

function toFile(teamId: string, { picture, originHash }: KeptPicture): PictureFile {
  const { bytes, mimeType, width, height } = picture;
  const contentHash = hashBytes(bytes);
  const storageKey = storageKeyOf(teamId, contentHash);
  return { storageKey, contentHash, originHash, mimeType, width, height, byteCount: bytes.byteLength };
}

/** Ready, or being kept this very moment by somebody else: then both finish it, with the same bytes. */
async function findSame(tx: Transaction, teamId: string, { storageKey }: PictureFile): Promise<Media | null> {
  return tx.media.findFirst({
    where: {
      ...{ teamId, storageKey },
      OR: [{ state: 'ready' }, { state: 'awaiting_upload', uploadTokenHash: null }],
    },
    orderBy: { id: 'asc' },
  });
}

/** After this, the purge takes it for abandoned. */
async function expireInAnHour(tx: Transaction, mediaId: string): Promise<void> {
  await tx.$executeRaw`
    update media set upload_expires_at = clock_timestamp() + interval '1 hour' where id = ${mediaId}`;
}

async function finishKeeping(
  context: Context,
  row: Media,
  picture: RenderedImage,
  storageKey = row.storageKey!,
): Promise<Media> {
  await context.mediaStore.put(storageKey, picture.bytes, picture.mimeType);
  await context.db.$executeRaw`
    update media set state = 'ready', problem_code = null, problem_message = null, updated_at = clock_timestamp()
    where id = ${row.id} and state = 'awaiting_upload' and storage_key = ${storageKey}`;
  const kept = await context.db.media.findUniqueOrThrow({ where: { id: row.id } });
  if (kept.state === 'ready' && kept.storageKey === storageKey) return kept;
  await removeUnusedFile(context, row.teamId, storageKey);
  throw conflict({
    code: 'upload_overtaken',
    message: 'Another file was sent to this place at the same time, or it was deleted, and that one counts.',
    nextStep: 'Call list_media with the id to see which picture it is.',
  });
}

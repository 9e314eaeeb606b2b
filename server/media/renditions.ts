import { createHash } from 'node:crypto';

import type { Context } from '../context.ts';
import { isAppError } from '../errors.ts';
import type { PartMedia } from '../networks/network.ts';
import { breaksRule, mediaDeleted } from './breaks-rule.ts';
import {
  findMissingRenditions,
  type MissingRendition,
  type RevisionPicture,
} from './find-missing-renditions.ts';
import type { RenderedImage } from './image-engine.ts';
import { isPubliclyReachable, newPublicAddresses } from './public-address.ts';
import { lockStorageKey, storageKeyOf } from './storage-key.ts';

/** Files are put inside a transaction, so that none is removed meanwhile; it ends by itself after 15 s. */
const PUT_TIMEOUT_MS = 8_000;

export interface RevisionOfChannels {
  teamId: string;
  postId: string;
  rev: number;
  channelIds: readonly string[];
}

/**
 * Makes what the networks get for the pictures of a revision, where it is not there yet; called before a post goes on the
 * calendar, outside its transaction. From then on neither an edit nor a deletion in the library can change what goes out.
 * Made twice at once it is the same; made and then not scheduled it lies unused.
 * @throws AppError InvalidInput (`picture_breaks_rule`) naming picture and channel; Conflict (`media_deleted`); Unavailable
 */
export async function makeRenditions(context: Context, revision: RevisionOfChannels): Promise<void> {
  const missing = await findMissingRenditions(context.db, revision);
  const unreachable = isPubliclyReachable(context) ? undefined : missing.find(isFetchedByNetwork);
  if (unreachable) throw breaksRule(unreachable, 'public_address_missing');
  const pictures = Map.groupBy(missing, ({ picture }) => picture.position);
  // One picture after the other bounds the memory; what the channels get of it is drawn side by side.
  for (const ofPicture of pictures.values()) {
    // Networks that want the same get the same file.
    const alike = Map.groupBy(ofPicture, ({ plan }) => JSON.stringify(plan));
    const source = readOnce(context, ofPicture[0]!.picture.storageKey);
    const drawn = await Promise.all(
      [...alike.values()].map(async (group) => ({ group, made: await draw(context, group[0]!, source) })),
    );
    // One after the other: a slow store holds one connection to the database for each post, not one for each network.
    for (const { group, made } of drawn) await keepRendition(context, revision, group, made);
  }
}

function isFetchedByNetwork({ network, rules }: MissingRendition): boolean {
  return rules.pictures.areFetched === true && network === rules.id;
}

/** A picture of a revision, as it is described there. */
export interface DescribedPicture {
  teamId: string;
  position: number;
  altText: string | null;
}

export async function readPictures(
  { db }: Pick<Context, 'db'>,
  { postId, rev }: { postId: string; rev: number },
): Promise<DescribedPicture[]> {
  return db.$queryRaw<DescribedPicture[]>`/* plan kept */
    select team_id as "teamId", position, alt_text as "altText"
    from revision_media where post_id = ${postId} and rev = ${rev} order by position`;
}

/** The pictures as the network of a channel gets them, in order; what is not there yet is made. */
export async function readRenditions(
  context: Context,
  { postId, rev, channelId }: { postId: string; rev: number; channelId: string },
  pictures: readonly DescribedPicture[],
): Promise<PartMedia[]> {
  if (pictures.length === 0) return [];
  const find = () => context.db.rendition.findMany({ where: { postId, rev, channelId } });
  let rows = await find();
  if (rows.length < pictures.length) {
    await makeRenditions(context, { teamId: pictures[0]!.teamId, postId, rev, channelIds: [channelId] });
    rows = await find();
  }
  const addressOf = await newPublicAddresses(context);
  return pictures.map(({ position, altText }) => {
    const row = rows.find((rendition) => rendition.position === position);
    if (!row) throw new Error(`picture ${position} of ${postId} has no rendition for ${channelId}`);
    const { contentHash, storageKey, mimeType, width, height, byteCount } = row;
    return {
      mimeType,
      width,
      height,
      byteCount,
      contentHash: Buffer.from(contentHash).toString('hex'),
      altText: altText ?? '',
      storageKey,
      publicUrl: addressOf({ teamId: row.teamId, postId, rev, channelId, position }),
      read: () => context.mediaStore.read(storageKey),
    };
  });
}

/** Keeps one file for channels that get the same, and records it for each. @param made null: the library's own file */
async function keepRendition(
  context: Context,
  { teamId, postId, rev }: RevisionOfChannels,
  group: readonly MissingRendition[],
  made: RenderedImage | null,
): Promise<void> {
  const { picture } = group[0]!;
  const file = made ? describe(teamId, made) : describeOwn(teamId, picture);
  await context.db.$transaction(async (tx) => {
    await lockStorageKey(tx, file.storageKey, 'shared');
    if (made) await context.mediaStore.put(file.storageKey, made.bytes, made.mimeType, PUT_TIMEOUT_MS);
    else await assertStillInLibrary(tx, picture);
    await tx.rendition.createMany({
      data: group.map(({ channelId }) => ({ ...file, postId, rev, channelId, position: picture.position })),
      skipDuplicates: true,
    });
  });
}

/** Null where the library's own file will do. */
async function draw(
  context: Context,
  missing: MissingRendition,
  source: () => Promise<Uint8Array>,
): Promise<RenderedImage | null> {
  if (missing.plan.isUnchanged) return null;
  const bytes = await source();
  const { minAspect, maxAspect } = missing.rules.pictures;
  try {
    return await context.images.render(bytes, { ...missing.plan, minAspect, maxAspect });
  } catch (error) {
    if (!isAppError(error, 'InvalidInput')) throw error;
    const isTooHeavy = error.details.code === 'image_too_heavy';
    throw breaksRule(missing, isTooHeavy ? 'picture_bytes' : 'picture_refused');
  }
}

async function assertStillInLibrary(
  tx: Pick<Context['db'], 'media'>,
  picture: RevisionPicture,
): Promise<void> {
  const count = await tx.media.count({ where: { id: picture.mediaId, state: 'ready' } });
  if (count === 0) throw mediaDeleted(picture);
}

function describe(teamId: string, { bytes, mimeType, width, height }: RenderedImage) {
  const contentHash = new Uint8Array(createHash('sha256').update(bytes).digest());
  const storageKey = storageKeyOf(teamId, contentHash);
  return { teamId, storageKey, contentHash, mimeType, width, height, byteCount: bytes.byteLength };
}

function describeOwn(teamId: string, picture: RevisionPicture) {
  const { storageKey, contentHash, mimeType, width, height, byteCount } = picture;
  return { teamId, storageKey, contentHash, mimeType, width, height, byteCount };
}

function readOnce(context: Context, storageKey: string): () => Promise<Uint8Array> {
  let bytes: Promise<Uint8Array> | undefined;
  return () => (bytes ??= context.mediaStore.read(storageKey));
}

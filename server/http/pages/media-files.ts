import type Router from '@koa/router';

import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { findMedia } from '../../media/find-media.ts';
import { findRendition } from '../../media/find-rendition.ts';
import { readThumbnail } from '../../media/thumbnail.ts';
import { sendPicture } from '../send-picture.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

/** Pictures for signed-in members of the team, at the addresses of media-urls.ts. */
export function addMediaFiles(router: Router, context: Context): void {
  router.get('/media/:id/file', signedIn(context, sendFile, 'media'));
  router.get('/media/:id/thumbnail', signedIn(context, sendThumbnail, 'media'));
  router.get('/renditions/:id/:rev/:channelId/:position', signedIn(context, sendRendition, 'post'));
}

async function sendFile({ ctx, context, caller, id }: SignedInPage): Promise<void> {
  const file = toFile(await findMedia(context, caller, id));
  await sendPicture(ctx, { ...file, read: () => context.mediaStore.read(file.storageKey) });
}

async function sendThumbnail({ ctx, context, caller, id }: SignedInPage): Promise<void> {
  const file = toFile(await findMedia(context, caller, id));
  const thumbnail = { ...file, mimeType: 'image/webp', etag: `${file.etag}-thumbnail` };
  await sendPicture(ctx, { ...thumbnail, read: () => readThumbnail(context, file) });
}

async function sendRendition({ ctx, context, caller, id }: SignedInPage): Promise<void> {
  const { rev = '', channelId = '', position = '' } = ctx.params;
  if (!/^\d{1,7}$/.test(rev) || !/^\d{1,3}$/.test(position)) throw noFile();
  const place = { postId: id, rev: Number(rev), channelId, position: Number(position) };
  const { mimeType, contentHash, storageKey } = await findRendition(context, caller, place);
  await sendPicture(ctx, {
    ...{ mimeType, etag: Buffer.from(contentHash).toString('hex'), filename: null },
    read: () => context.mediaStore.read(storageKey),
  });
}

type MediaRow = Awaited<ReturnType<typeof findMedia>>;

/** A deleted picture is no longer shown, though its file may lie there for posts that went out with it. */
function toFile({ state, mimeType, width, height, contentHash, storageKey, filename }: MediaRow) {
  if (state !== 'ready' || !mimeType || !width || !height || !contentHash || !storageKey) throw noFile();
  return { mimeType, width, height, storageKey, filename, etag: Buffer.from(contentHash).toString('hex') };
}

function noFile() {
  return notFound({ code: 'not_found', message: 'There is no such picture, or it was deleted.' });
}

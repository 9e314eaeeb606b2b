// Pictures: https://docs.x.com/x-api/media/upload-media, /media/get-media-upload-status and /media/create-media-metadata (checked
// 2026-11-21). Up to 5 MB in one call. An upload that no post took is forgotten after a day, so uploading again is harmless.
import { z } from 'zod';

import type { PartMedia } from './network.ts';
import { NetworkError } from './network-error.ts';
import { callX, xId, type XSession } from './x-api.ts';

const UPLOAD_TIMEOUT_MS = 60_000;
const PATH = '/2/media/upload';

const uploaded = z.object({
  data: z.object({
    id: xId,
    processing_info: z
      .object({ state: z.enum(['pending', 'in_progress', 'failed', 'succeeded']).catch('in_progress') })
      .optional(),
  }),
});
type Uploaded = z.infer<typeof uploaded>['data'];

const preparedSchema = z.object({ mediaIds: z.array(xId).max(4) });

/** The ids of the pictures in what `prepare` returned. */
export function readXPictures(prepared: unknown): string[] {
  return preparedSchema.parse(prepared).mediaIds;
}

/** What a `prepare` leaves that stopped because X still worked on a picture. */
const unfinishedSchema = z.object({
  uploads: z.array(z.object({ contentHash: z.string(), altText: z.string(), mediaId: xId })),
});
type Upload = z.infer<typeof unfinishedSchema>['uploads'][number];

/**
 * The ids of the pictures, in order.
 * @param left what a call before this one threw as `prepared`: its uploads are asked for, not made again; or returned
 * @throws NetworkError not_sent `media_not_ready` while X works on one
 */
export async function uploadXPictures(
  session: XSession,
  media: readonly PartMedia[],
  left: unknown,
): Promise<string[]> {
  // What may have been sent with those is looked for by how many they were.
  const sent = preparedSchema.safeParse(left).data;
  const earlier = unfinishedSchema.safeParse(left).data?.uploads ?? [];
  const uploads: Upload[] = [];
  let isWaiting = false;
  for (const picture of media) {
    const { contentHash, altText } = picture;
    const known = earlier.find((upload) => upload.contentHash === contentHash && upload.altText === altText);
    const told = await (known ? askState(session, known.mediaId) : uploadOne(session, picture));
    isWaiting ||= told !== null && !isReady(told);
    if (told) uploads.push({ contentHash, altText, mediaId: told.id });
    else isWaiting = true;
  }
  if (isWaiting) throw notReady({ ...sent, uploads });
  return uploads.map(({ mediaId }) => mediaId);
}

async function uploadOne(session: XSession, picture: PartMedia): Promise<Uploaded> {
  const multipart = new FormData();
  const file = new Blob([await picture.read()], { type: picture.mimeType });
  multipart.append('media', file, `picture.${picture.mimeType.split('/')[1]}`);
  multipart.append('media_category', 'tweet_image');
  const call = { method: 'POST', path: PATH, multipart, timeoutMs: UPLOAD_TIMEOUT_MS } as const;
  const { data } = await callX(session, call, uploaded);
  if (picture.altText) {
    const json = { id: data.id, metadata: { alt_text: { text: picture.altText } } };
    await callX(session, { method: 'POST', path: '/2/media/metadata', json }, z.unknown());
  }
  return data;
}

/** Null: X has it no more, and the next try begins with an upload. */
async function askState(session: XSession, mediaId: string): Promise<Uploaded | null> {
  const query = { media_id: mediaId, command: 'STATUS' };
  try {
    return (await callX(session, { method: 'GET', path: PATH, query }, uploaded)).data;
  } catch (error) {
    if (error instanceof NetworkError && error.kind === 'rejected') return null;
    throw error;
  }
}

function isReady({ processing_info: processing }: Uploaded): boolean {
  if (processing?.state === 'failed') {
    const message = 'X could not read a picture of the post. Save it anew, or use another one.';
    throw new NetworkError('rejected', 'picture_type', message);
  }
  return processing === undefined || processing.state === 'succeeded';
}

function notReady(prepared: { mediaIds?: string[]; uploads: Upload[] }): NetworkError {
  const message = 'X still works on a picture of the post.';
  return new NetworkError('not_sent', 'media_not_ready', message, { prepared });
}

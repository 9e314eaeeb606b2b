// Pictures of a post: https://docs.bsky.app/docs/api/com-atproto-repo-upload-blob and the embed's lexicon,
// https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/images.json (checked 2026-11).
// A blob is named by its bytes, so uploading again changes nothing.
import { z } from 'zod';

import { callXrpc, type XrpcSession } from './bluesky-xrpc.ts';
import type { PartMedia } from './network.ts';

/** https://atproto.com/specs/data-model#link-and-cid-formats; the server that answers may be anybody's. */
export const blueskyCid = z.string().regex(/^[A-Za-z0-9]{1,200}$/);

const blob = z.object({
  $type: z.literal('blob'),
  ref: z.object({ $link: blueskyCid }),
  mimeType: z.string().regex(/^[\w.+-]{1,60}\/[\w.+-]{1,60}$/),
  size: z.int(),
});

/** As the embed holds it. */
export const blueskyPicture = z.object({
  alt: z.string(),
  image: blob,
  aspectRatio: z.object({ width: z.int(), height: z.int() }),
});

export type BlueskyPicture = z.infer<typeof blueskyPicture>;

/** Uploads the pictures one after the other, in order. */
export async function uploadBlueskyPictures(
  session: XrpcSession,
  media: readonly PartMedia[],
): Promise<BlueskyPicture[]> {
  const pictures: BlueskyPicture[] = [];
  for (const { mimeType, altText, width, height, read } of media) {
    const file = { bytes: await read(), mimeType };
    const call = { ...session, method: 'POST', nsid: 'com.atproto.repo.uploadBlob', file } as const;
    const uploaded = await callXrpc(session.fetch, call, z.object({ blob }));
    pictures.push({ alt: altText, image: uploaded.blob, aspectRatio: { width, height } });
  }
  return pictures;
}

export function embedBlueskyPictures(images: readonly BlueskyPicture[]) {
  return images.length > 0 ? { embed: { $type: 'app.bsky.embed.images', images } } : {};
}

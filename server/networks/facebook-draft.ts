// A post of a Page in two steps: made unpublished (nobody sees it), then published by its id.
// https://developers.facebook.com/documentation/pages-api/posts (`published` false: to publish later),
// https://developers.facebook.com/docs/graph-api/reference/page/photos (unpublished photos for a post), and for `is_published` of
// a post that is there, the update of PagePost in Meta's own client, which is generated from the API (checked 2026-11):
// https://github.com/facebook/facebook-python-business-sdk/blob/main/facebook_business/adobjects/pagepost.py
import { createHash } from 'node:crypto';

import { z } from 'zod';

import { callMeta, metaId, type MetaSession } from './meta-call.ts';
import { isGone } from './meta-insights.ts';
import type { Part, PartMedia } from './network.ts';
import { NetworkError } from './network-error.ts';

const UPLOAD_TIMEOUT_MS = 20_000;

/** Kept from try to try. */
const draft = z.object({
  /** SHA-256 of what it was made from, hex. */
  madeFrom: z.string(),
  /** First picture first; not all of them when it stopped half way. */
  photoIds: z.array(metaId),
  postId: metaId.optional(),
});
type Draft = z.infer<typeof draft>;

const created = z.object({ id: metaId });
const updated = z.object({ success: z.literal(true) });
const state = z.object({ is_published: z.boolean() });

/** The unpublished post of a part. One that an earlier try made from the same is taken again while it is there. */
export async function prepareDraft(session: MetaSession, pageId: string, part: Part): Promise<Draft> {
  const madeFrom = fingerprintOf(part);
  const known = draft.safeParse(part.prepared).data;
  let prepared: Draft = known?.madeFrom === madeFrom ? known : { madeFrom, photoIds: [] };
  try {
    if (prepared.postId) {
      if ((await readIsPublished(session, prepared.postId)) !== null) return prepared;
      prepared = { madeFrom, photoIds: [] };
    }
    for (const picture of part.media.slice(prepared.photoIds.length)) {
      const id = await uploadPhoto(session, pageId, picture);
      prepared = { ...prepared, photoIds: [...prepared.photoIds, id] };
    }
    const form = {
      message: part.text,
      published: 'false',
      ...Object.fromEntries(
        prepared.photoIds.map((id, index) => [
          `attached_media[${index}]`,
          JSON.stringify({ media_fbid: id }),
        ]),
      ),
    };
    const { id } = await callMeta(session, { method: 'POST', path: `${pageId}/feed`, form }, created);
    return { ...prepared, postId: id };
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    const { kind, code, message, until, binds, cause } = error;
    throw new NetworkError(kind, code, message, { until, binds, cause, prepared });
  }
}

/** The bytes go with the call: a Page needs no address on the internet to fetch them from. */
async function uploadPhoto(session: MetaSession, pageId: string, picture: PartMedia): Promise<string> {
  const { mimeType, altText, read } = picture;
  const multipart = new FormData();
  multipart.set('published', 'false');
  if (altText) multipart.set('alt_text_custom', altText);
  const name = mimeType === 'image/png' ? 'picture.png' : 'picture.jpg';
  multipart.set('source', new Blob([await read()], { type: mimeType }), name);
  const call = { method: 'POST', path: `${pageId}/photos`, multipart, timeoutMs: UPLOAD_TIMEOUT_MS } as const;
  return (await callMeta(session, call, created)).id;
}

/** Again changes nothing: a post that is published stays so. */
export async function publishDraft(session: MetaSession, postId: string): Promise<void> {
  const form = { is_published: 'true' };
  await callMeta(session, { method: 'POST', path: postId, form }, updated);
}

/** @returns null when it is gone */
export async function readIsPublished(session: MetaSession, postId: string): Promise<boolean | null> {
  try {
    const query = { fields: 'is_published' };
    const call = { method: 'GET', path: postId, query } as const;
    return (await callMeta(session, call, state)).is_published;
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

export function postIdOf(part: Part): string {
  const { postId } = draft.parse(part.prepared);
  if (!postId) throw new Error(`part ${part.partNo} of ${part.deliveryId} has no draft`);
  return postId;
}

function fingerprintOf({ text, media }: Part): string {
  const pictures = media.map(({ contentHash, altText }) => [contentHash, altText]);
  return createHash('sha256')
    .update(JSON.stringify([text, pictures]))
    .digest('hex');
}

// Pictures: https://docs.joinmastodon.org/methods/media/ (checked 2026-11-21). A picture that no post took is forgotten after a
// day, so uploading again is harmless. Servers before 4.0, and others that speak the protocol, work on it for a while.
import { createHash } from 'node:crypto';

import { z } from 'zod';

import { toNetworkError } from './call-failure.ts';
import { askMastodon, mastodonId, type MastodonSession } from './mastodon-api.ts';
import type { PartMedia } from './network.ts';
import { NetworkError } from './network-error.ts';

const UPLOAD_TIMEOUT_MS = 60_000;
const STILL_PROCESSING = 206;

const attachment = z.object({ id: mastodonId, url: z.string().nullish() });

/** What `prepare` leaves: uploads by what was uploaded, in the order of the pictures, and the language that was said. */
export const preparedMastodonPart = z.object({
  uploads: z.array(z.object({ id: mastodonId, hash: z.string() })).default([]),
  language: z.string().optional(),
});
type Upload = z.infer<typeof preparedMastodonPart>['uploads'][number];

/**
 * Uploads what is not there yet, in order.
 * @param earlier what a try before this one left
 * @throws NetworkError not_sent `media_not_ready` while the server works on one; what is there already goes with it
 */
export async function uploadMastodonPictures(
  session: MastodonSession,
  media: readonly PartMedia[],
  earlier: unknown,
): Promise<{ uploads: Upload[] }> {
  const known = preparedMastodonPart.safeParse(earlier).data?.uploads ?? [];
  const uploads: Upload[] = [];
  let isReady = true;
  for (const [index, picture] of media.entries()) {
    const hash = hashOf(picture);
    const before = known[index]?.hash === hash ? await readState(session, known[index].id) : undefined;
    const found = before ?? (await upload(session, picture));
    isReady &&= found.isReady || (!before && (await readState(session, found.id))?.isReady === true);
    uploads.push({ id: found.id, hash });
  }
  if (isReady) return { uploads };
  const message = 'The Mastodon server still works on a picture of the post.';
  throw new NetworkError('not_sent', 'media_not_ready', message, { prepared: { uploads } });
}

const hashOf = ({ contentHash, altText }: PartMedia) =>
  createHash('sha256').update(`${contentHash}/${altText}`).digest('base64url');

interface UploadState {
  id: string;
  isReady: boolean;
}

async function upload(session: MastodonSession, picture: PartMedia): Promise<UploadState> {
  const multipart = new FormData();
  const file = new Blob([await picture.read()], { type: picture.mimeType });
  multipart.append('file', file, `picture.${picture.mimeType.split('/')[1]}`);
  if (picture.altText) multipart.append('description', picture.altText);
  const call = { method: 'POST', path: '/api/v2/media', multipart, timeoutMs: UPLOAD_TIMEOUT_MS } as const;
  const { status, body } = await askMastodon(session, call);
  const { id, url } = readAttachment(body);
  return { id, isReady: status === 200 && Boolean(url) };
}

/** @returns undefined where it is gone, or on a post already */
async function readState(session: MastodonSession, id: string): Promise<UploadState | undefined> {
  try {
    const { status } = await askMastodon(session, { method: 'GET', path: `/api/v1/media/${id}` });
    return { id, isReady: status !== STILL_PROCESSING };
  } catch (error) {
    if (error instanceof NetworkError && error.code === 'not_found') return undefined;
    throw error;
  }
}

function readAttachment(body: unknown): z.infer<typeof attachment> {
  try {
    return attachment.parse(body);
  } catch (error) {
    throw toNetworkError(error, 'Mastodon');
  }
}

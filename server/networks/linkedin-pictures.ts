// Pictures of a post: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/images-api and
// .../shares/multiimage-post-api (checked 2026-11-21). They are uploaded first and take LinkedIn a while; only who may read
// for the owner can ask whether they are ready.
import { z } from 'zod';

import { callApi } from './call-api.ts';
import { readLinkedin, type LinkedinSession } from './linkedin-api.ts';
import { explainLinkedinError } from './linkedin-errors.ts';
import { NetworkError } from './network-error.ts';
import type { PartMedia } from './network.ts';

const UPLOAD_TIMEOUT_MS = 20_000;

const imageUrn = z.string().regex(/^urn:li:image:[\w-]{1,100}$/);
const initialized = z.object({ value: z.object({ uploadUrl: z.url(), image: imageUrn }) });
const image = z.object({ status: z.string() });

export const linkedinPicture = z.object({ image: imageUrn, contentHash: z.string(), altText: z.string() });
export type LinkedinPicture = z.infer<typeof linkedinPicture>;

const preparedSchema = z.object({ pictures: z.array(linkedinPicture) });
export type LinkedinPrepared = z.infer<typeof preparedSchema>;

export function readPrepared(prepared: unknown): LinkedinPrepared {
  return preparedSchema.parse(prepared ?? { pictures: [] });
}

/**
 * The pictures of a post, uploaded and ready as far as LinkedIn tells. What an earlier try has uploaded is used again.
 * @param mayRead false: nobody tells when they are ready, so they get one pause
 * @throws NetworkError not_sent `media_not_ready`, with what was uploaded
 */
export async function preparePictures(
  session: LinkedinSession,
  {
    owner,
    media,
    known,
    mayRead,
  }: { owner: string; media: readonly PartMedia[]; known: unknown; mayRead: boolean },
): Promise<LinkedinPrepared> {
  const uploaded = findUploaded(media, known);
  const pictures = uploaded ?? (await uploadAll(session, owner, media));
  const isReady = mayRead ? await areReady(session, pictures) : uploaded !== null || media.length === 0;
  if (isReady) return { pictures };
  throw new NetworkError('not_sent', 'media_not_ready', 'LinkedIn is still working on the pictures.', {
    prepared: { pictures },
  });
}

/** `content` of the post, or nothing. */
export function contentOf({ pictures }: LinkedinPrepared) {
  const images = pictures.map(({ image: id, altText }) => ({ id, ...(altText && { altText }) }));
  if (images.length === 0) return {};
  return { content: images.length === 1 ? { media: images[0] } : { multiImage: { images } } };
}

function findUploaded(media: readonly PartMedia[], known: unknown): LinkedinPicture[] | null {
  const { pictures } = preparedSchema.safeParse(known).data ?? { pictures: [] };
  const isSame =
    media.length > 0 &&
    pictures.length === media.length &&
    pictures.every(({ contentHash }, index) => contentHash === media[index]!.contentHash);
  return isSame ? pictures.map((picture, index) => ({ ...picture, altText: media[index]!.altText })) : null;
}

async function uploadAll(
  session: LinkedinSession,
  owner: string,
  media: readonly PartMedia[],
): Promise<LinkedinPicture[]> {
  const pictures: LinkedinPicture[] = [];
  for (const { contentHash, altText, mimeType, read } of media) {
    const json = { initializeUploadRequest: { owner } };
    const call = { method: 'POST', path: '/rest/images?action=initializeUpload', json } as const;
    const { value } = await readLinkedin(session, call, initialized);
    await callApi(
      session.fetch,
      {
        url: value.uploadUrl,
        method: 'PUT',
        token: session.token,
        bytes: { body: await read(), mimeType },
        signal: session.signal,
        timeoutMs: UPLOAD_TIMEOUT_MS,
      },
      { name: 'LinkedIn', explain: explainLinkedinError },
    );
    pictures.push({ image: value.image, contentHash, altText });
  }
  return pictures;
}

async function areReady(session: LinkedinSession, pictures: readonly LinkedinPicture[]): Promise<boolean> {
  for (const { image: urn } of pictures) {
    const path = `/rest/images/${encodeURIComponent(urn)}`;
    const { status } = await readLinkedin(session, { method: 'GET', path }, image);
    if (status === 'PROCESSING_FAILED') {
      const message = 'LinkedIn could not read a picture of the post. Use another one.';
      throw new NetworkError('rejected', 'picture_unreadable', message);
    }
    if (status !== 'AVAILABLE') return false;
  }
  return true;
}

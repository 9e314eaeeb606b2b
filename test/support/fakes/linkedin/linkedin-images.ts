// The Images API: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/images-api (2026-11-21).
import { randomBytes } from 'node:crypto';

import { z } from 'zod';

import type { FakeAnswer, FakeRequest } from '../fake-server.ts';
import { NOT_FOUND, refuse, refuseField, refusePermission } from './linkedin-errors.ts';
import type { LinkedinCaller } from './linkedin-access.ts';
import { isAvailable } from './linkedin-posts.ts';
import { newImageUrn, type LinkedinState } from './linkedin-state.ts';

const UPLOAD_SECONDS = 3600;
const SIGNATURES = { jpeg: 'ffd8ff', png: '89504e47', gif: '47494638' };

const initializeSchema = z.strictObject({ initializeUploadRequest: z.strictObject({ owner: z.string() }) });

export function initializeUpload(
  state: LinkedinState,
  { body, query }: FakeRequest,
  caller: LinkedinCaller,
  at: { now: Date; url: string },
): FakeAnswer {
  if (query.get('action') !== 'initializeUpload') return refuseField('action', 'unknown action');
  const parsed = initializeSchema.safeParse(JSON.parse(body.toString()));
  if (!parsed.success) return refuseField('initializeUploadRequest', parsed.error.issues[0]!.message);
  const { owner } = parsed.data.initializeUploadRequest;
  if (!caller.mayPostAs(owner)) return refusePermission('images.ACTION-initializeUpload');
  const [urn, uploadId] = [newImageUrn(), randomBytes(9).toString('base64url')];
  const uploadExpiresAt = new Date(at.now.getTime() + UPLOAD_SECONDS * 1000);
  state.images.set(urn, {
    urn,
    owner,
    uploadId,
    uploadExpiresAt,
    uploadedAt: null,
    byteCount: 0,
    isBroken: false,
  });
  const uploadUrl = `${at.url}/dms-uploads/${uploadId}/uploaded-image/0?ca=vector&cn=uploads`;
  return {
    status: 200,
    body: { value: { uploadUrlExpiresAt: uploadExpiresAt.getTime(), uploadUrl, image: urn } },
  };
}

/** Once, in time, and bytes of a picture. */
export function takeUpload(state: LinkedinState, { path, body }: FakeRequest, now: Date): FakeAnswer {
  const uploadId = path.split('/')[2];
  const image = [...state.images.values()].find((known) => known.uploadId === uploadId);
  if (!image || image.uploadExpiresAt <= now) return refuse(401, 'UPLOAD_EXPIRED', 'upload address is over');
  if (image.uploadedAt) return refuse(400, 'UPLOADED_ALREADY', 'upload address was used');
  const head = body.subarray(0, 4).toString('hex');
  image.isBroken = !Object.values(SIGNATURES).some((signature) => head.startsWith(signature));
  image.uploadedAt = now;
  image.byteCount = body.byteLength;
  return { status: 201 };
}

/** A member's token may write pictures, not read them. */
export function getImage(state: LinkedinState, urn: string, caller: LinkedinCaller, now: Date): FakeAnswer {
  const image = state.images.get(urn);
  if (!image) return NOT_FOUND;
  if (!caller.mayReadPostsOf(image.owner)) return refusePermission('images.GET');
  const status = !image.uploadedAt
    ? 'WAITING_UPLOAD'
    : image.isBroken
      ? 'PROCESSING_FAILED'
      : isAvailable(state, image, now)
        ? 'AVAILABLE'
        : 'PROCESSING';
  return { status: 200, body: { owner: image.owner, status, id: urn } };
}

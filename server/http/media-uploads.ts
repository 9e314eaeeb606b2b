import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Middleware } from 'koa';

import type { Context } from '../context.ts';
import { unavailable } from '../errors.ts';
import { createFileSlots } from '../media/file-slots.ts';
import { UPLOAD_PREFIX } from '../media/media-urls.ts';
import { findUpload, receiveUpload } from '../media/receive-upload.ts';

import { addressKey } from './address-key.ts';
import { drain, readFile } from './read-file.ts';

/** From one address, with good links and bad ones. */
const LIMIT = { points: 120, duration: 60 };

/**
 * `PUT /media/uploads/TOKEN`: the body is the file, `curl -T FILE URL` sends one. Whoever has the link may send it, no cookie
 * and no other header counts, and pages of other sites get no answer that they could read. It may be tried again until a
 * picture was taken; the same bytes again then get the same answer.
 */
export function createMediaUploads(context: Context): Middleware {
  const limiter = new RateLimiterPostgres({
    ...{ storeClient: context.pool, storeType: 'pool', tableName: 'rate_limit', tableCreated: true },
    ...{ keyPrefix: 'media_upload', clearExpiredByTimeout: false, ...LIMIT },
  });
  const slots = createFileSlots();
  const admit = async (ip: string, token: string) => {
    await assertNotTooOften(limiter, addressKey(ip));
    const { teamId } = await findUpload(context, token);
    return slots.take(teamId);
  };
  return async function takeUpload(ctx, next) {
    if (!ctx.path.startsWith(UPLOAD_PREFIX)) return next();
    ctx.set('Cache-Control', 'no-store');
    if (ctx.method !== 'PUT') {
      ctx.status = 405;
      ctx.set('Allow', 'PUT');
      ctx.body = { error: 'method_not_allowed', error_description: 'Send the file by PUT: curl -T FILE URL' };
      return;
    }
    // Whatever is refused before the body was read: the rest of it is no next request.
    ctx.set('Connection', 'close');
    const { maxBytes } = context.config.media;
    const token = ctx.path.slice(UPLOAD_PREFIX.length);
    const giveBack = await admit(ctx.ip, token).catch(async (error: unknown) => {
      await drain(ctx.req, maxBytes);
      throw error;
    });
    try {
      const bytes = await readFile(ctx.req, maxBytes);
      // While a file is sent slowly, whoever asked for the link may have lost the right to.
      const upload = await findUpload(context, token);
      const media = await receiveUpload(context, upload, { bytes, address: ctx.ip });
      const { id, state, mimeType, width, height } = media;
      ctx.body = { media_id: id, state, type: mimeType?.replace('image/', ''), w: width, h: height };
    } finally {
      giveBack();
    }
  };
}

async function assertNotTooOften(limiter: RateLimiterPostgres, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const seconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    throw unavailable({
      code: 'rate_limited',
      message: `Too many uploads come from this address. Wait ${seconds} seconds and send it again.`,
    });
  }
}

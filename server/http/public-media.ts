import type { Middleware } from 'koa';

import type { Context } from '../context.ts';
import { findPublicPicture, PUBLIC_MEDIA_PREFIX } from '../media/public-address.ts';

/**
 * `GET /m/TOKEN`: a picture for a network that fetches it by itself. Whoever has the address gets it, until its hour is over;
 * no cookie is read or set, and everything else is 404.
 */
export function createPublicMedia(context: Context): Middleware {
  return async function sendPublicPicture(ctx, next) {
    if (!ctx.path.startsWith(PUBLIC_MEDIA_PREFIX)) return next();
    ctx.set('Cache-Control', 'private, no-store');
    ctx.set('Content-Security-Policy', "default-src 'none'; sandbox");
    ctx.set('X-Content-Type-Options', 'nosniff');
    const isRead = ctx.method === 'GET' || ctx.method === 'HEAD';
    const token = ctx.path.slice(PUBLIC_MEDIA_PREFIX.length);
    const picture = isRead ? await findPublicPicture(context, token) : null;
    if (!picture) {
      ctx.status = 404;
      ctx.body = 'Not found';
      return;
    }
    const bytes = Buffer.from(await context.mediaStore.read(picture.storageKey));
    ctx.type = picture.mimeType;
    ctx.body = bytes;
  };
}

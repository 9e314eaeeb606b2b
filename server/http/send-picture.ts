import type { RouterContext } from '@koa/router';

import { fileEndingOf } from '../media/file-ending.ts';

export interface SentPicture {
  mimeType: string;
  /** Hex SHA-256 of what changes when the picture does. */
  etag: string;
  /** To save it under. */
  filename: string | null;
  read(): Promise<Uint8Array>;
}

/**
 * Answers with a picture that we made ourselves, as nothing but a picture: no page, no script, no other type, whatever its
 * bytes are. It never changes at its address, so the browser of the person who may see it keeps it; nobody between does.
 */
export async function sendPicture(ctx: RouterContext, picture: SentPicture): Promise<void> {
  ctx.set('Cache-Control', 'private, max-age=31536000, immutable');
  ctx.set('Content-Security-Policy', "default-src 'none'; sandbox");
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('Content-Disposition', `inline; filename="${nameOf(picture)}"`);
  ctx.type = picture.mimeType;
  ctx.etag = picture.etag;
  ctx.status = 200;
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  ctx.body = Buffer.from(await picture.read());
}

/** In letters that mean nothing to any header, with the ending of what it is. */
function nameOf({ filename, mimeType }: SentPicture): string {
  const stem = (filename ?? '')
    .replace(/\.[A-Za-z0-9]{1,5}$/, '')
    .replace(/[^A-Za-z0-9 _-]+/g, '')
    .trim();
  return `${stem.slice(0, 80) || 'picture'}.${fileEndingOf(mimeType)}`;
}

import { Readable } from 'node:stream';

import type { Context as KoaContext } from 'koa';

/** @returns the body as text, or null when it is longer than `maxBytes` */
export async function readBody(ctx: KoaContext, maxBytes: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of ctx.req as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Gives oidc-provider a body that was read already, as if it came from the wire. Handing it over as `request.body`
 * works too, but then the library prints a warning that nobody who starts the server can act on.
 */
export function replaceBody(ctx: KoaContext, body: string): void {
  const bytes = Buffer.from(body);
  Object.defineProperties(ctx.req, {
    readable: { configurable: true, value: true },
    iterator: { configurable: true, value: () => Readable.from([bytes]) },
  });
  ctx.req.headers['content-length'] = String(bytes.length);
  delete ctx.req.headers['transfer-encoding'];
}

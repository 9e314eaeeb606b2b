import type { IncomingMessage } from 'node:http';

/** Tools take text and ids, never files. */
export const MAX_BODY_BYTES = 1024 * 1024;

export type Body = { kind: 'json'; value: unknown } | { kind: 'too_large' } | { kind: 'not_json' };

/** The whole body as JSON; what it asks for must be known before the SDK serves it. */
export async function readJsonBody(request: IncomingMessage): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return { kind: 'too_large' };
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return { kind: 'too_large' };
    chunks.push(chunk);
  }
  try {
    return { kind: 'json', value: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return { kind: 'not_json' };
  }
}

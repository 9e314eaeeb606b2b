import type { Context as KoaContext, Middleware } from 'koa';

import type { Context } from '../context.ts';
import { invalidInput } from '../errors.ts';
import { createFileSlots } from '../media/file-slots.ts';

import { readFile } from './read-file.ts';
import { sessionOf } from './session.ts';

/** The fields beside the file, and what the format costs. */
const FIELDS_BYTES = 64_000;

export interface SentFile {
  /** As the browser says; nothing is done with it but showing it. */
  name: string;
  bytes: Uint8Array;
}

/**
 * Reads forms that carry a file, on their own addresses alone and for signed-in people alone, so that strangers do not fill
 * the memory. The fields end up where `formField` finds them: everything that holds for other forms holds for these.
 */
export function createUploadForm(context: Context, paths: readonly string[]): Middleware {
  const slots = createFileSlots();
  return async function readUploadForm(ctx, next) {
    const isUpload = ctx.method === 'POST' && paths.includes(ctx.path) && ctx.is('multipart/form-data');
    const session = sessionOf(ctx);
    if (!isUpload || !session) return next();
    const giveBack = slots.take(session.personId);
    try {
      await readForm(ctx, context.config.media.maxBytes);
      return await next();
    } finally {
      giveBack();
    }
  };
}

async function readForm(ctx: KoaContext, maxBytes: number): Promise<void> {
  const body = await readFile(ctx.req, maxBytes, FIELDS_BYTES);
  const form = await parseForm(body, ctx.get('Content-Type'));
  if (countFieldBytes(form) > FIELDS_BYTES) throw fieldsTooLarge();
  const fields: Record<string, unknown> = {};
  for (const name of new Set(form.keys())) {
    const values = form.getAll(name);
    fields[name] = values.length === 1 ? values[0] : undefined;
  }
  const file = fields['file'];
  if (file instanceof File && file.size > 0) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    ctx.state['sentFile'] = { name: file.name, bytes } satisfies SentFile;
  }
  (ctx.request as { body?: unknown }).body = fields;
}

/** The body as a whole may be as long as a file makes it, and words may not. */
function countFieldBytes(form: FormData): number {
  let bytes = 0;
  for (const [name, value] of form) {
    if (typeof value === 'string') bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  return bytes;
}

function fieldsTooLarge() {
  return invalidInput({
    code: 'fields_too_large',
    limit: FIELDS_BYTES,
    message: 'The words beside the file are too long. Shorten them and send it again.',
  });
}

export function sentFileOf(ctx: { state: KoaContext['state'] }): SentFile | undefined {
  return ctx.state['sentFile'] as SentFile | undefined;
}

async function parseForm(body: Uint8Array<ArrayBuffer>, contentType: string): Promise<FormData> {
  try {
    return await new Response(body, { headers: { 'Content-Type': contentType } }).formData();
  } catch (cause) {
    throw invalidInput({
      code: 'bad_form',
      message: 'The browser sent a form that cannot be read. Go back and send it again.',
      cause,
    });
  }
}

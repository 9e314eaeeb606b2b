import type { IncomingMessage } from 'node:http';

import { invalidInput } from '../errors.ts';
import { fileTooLarge } from '../media/download-picture.ts';

/**
 * The whole body, held in memory up to the size of a file and what is besides it, whatever its length is said to be. A longer
 * one is read and thrown away, up to four times that, because most clients only listen for the answer then.
 * @throws AppError InvalidInput (`file_too_large`, `no_file`, `upload_broke_off`)
 */
export async function readFile(
  request: IncomingMessage,
  maxFileBytes: number,
  besidesBytes = 0,
): Promise<Uint8Array<ArrayBuffer>> {
  const maxBytes = maxFileBytes + besidesBytes;
  const chunks: Buffer[] = [];
  let received = 0;
  try {
    for await (const chunk of chunksOf(request)) {
      received += chunk.length;
      if (received <= maxBytes) chunks.push(chunk);
      else chunks.length = 0;
      if (received > maxBytes * 4) break;
    }
  } catch (cause) {
    const message = 'The file broke off before its end. Send it again.';
    throw invalidInput({ code: 'upload_broke_off', message, cause });
  }
  if (received > maxBytes) throw fileTooLarge(maxFileBytes);
  if (received > 0) return new Uint8Array(Buffer.concat(chunks));
  throw invalidInput({
    code: 'no_file',
    message: 'Nothing was sent. Send the bytes of the file as the body, for example with curl -T FILE URL.',
  });
}

/** Reads what is left of a body to nowhere: a client that is still sending would not hear why it was refused. */
export async function drain(request: IncomingMessage, maxBytes: number): Promise<void> {
  let received = 0;
  for await (const chunk of chunksOf(request)) {
    received += chunk.length;
    if (received > maxBytes) return;
  }
}

/** Stopping early leaves the connection open for the answer. */
function chunksOf(request: IncomingMessage): AsyncIterable<Buffer> {
  return request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
}

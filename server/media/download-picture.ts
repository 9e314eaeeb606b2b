import type { Context } from '../context.ts';
import { invalidInput, unavailable, type AppError } from '../errors.ts';
import { GuardedFetchError } from '../fetch.ts';

const TIMEOUT_MS = 20_000;
const MAX_REDIRECTS = 3;

/**
 * The bytes at a public https address, whatever they are.
 * @throws AppError InvalidInput (`url_refused`, `url_not_readable`, `file_too_large`); Unavailable (`url_unreachable`,
 *   `url_too_slow`). Nothing of what the address answered is in the message.
 */
export async function downloadPicture(context: Context, url: string): Promise<Uint8Array<ArrayBuffer>> {
  const { maxBytes } = context.config.media;
  try {
    const response = await context.fetch(url, {
      timeoutMs: TIMEOUT_MS,
      maxBytes,
      maxRedirects: MAX_REDIRECTS,
      isPublicOnly: true,
      headers: { accept: 'image/*', 'user-agent': 'Grantcast' },
    });
    if (response.ok) return await response.bytes();
    await response.body?.cancel();
    throw notReadable(response.status);
  } catch (error) {
    throw explain(error, maxBytes);
  }
}

function notReadable(status: number): AppError {
  return invalidInput({
    code: 'url_not_readable',
    field: 'url',
    actual: status,
    message: `The address answered with status ${status} instead of a picture. Give one that anybody can open without signing in.`,
  });
}

function explain(error: unknown, maxBytes: number): unknown {
  const reason = (error as { cause?: unknown }).cause;
  const guarded = [error, reason].find((layer) => layer instanceof GuardedFetchError);
  if (guarded?.code === 'too_large') return fileTooLarge(maxBytes, 'url');
  if (guarded) {
    return invalidInput({
      code: 'url_refused',
      field: 'url',
      message:
        'This address cannot be fetched: it, or one that it leads to, is not a public https address. For a local file call upload_media without url.',
      cause: error,
    });
  }
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return unavailable({
      code: 'url_too_slow',
      field: 'url',
      message: `The address did not answer in full within ${TIMEOUT_MS / 1000} seconds.`,
      cause: error,
    });
  }
  if (error instanceof TypeError) {
    return unavailable({
      code: 'url_unreachable',
      field: 'url',
      message:
        'The address cannot be reached: there is no such host, it does not answer, or it redirects too often.',
      cause: error,
    });
  }
  return error;
}

/** For what is larger than MEDIA_MAX_MB, wherever it comes from. Limit in bytes. */
export function fileTooLarge(maxBytes: number, field?: string): AppError {
  return invalidInput({
    code: 'file_too_large',
    ...(field && { field }),
    limit: maxBytes,
    message: `The file is larger than the ${maxBytes / 1e6} MB that the library takes. Make it smaller and try again.`,
  });
}

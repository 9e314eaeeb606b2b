import type { Context } from '../context.ts';
import { invalidInput, unavailable, type AppError } from '../errors.ts';
import { GuardedFetchError } from '../fetch.ts';
import { readProductVersion } from '../product-version.ts';
import { cleanForeignText } from './clean-foreign-text.ts';
import { readPageText } from './page-text.ts';

/** What captions may be written from: words of somebody unknown, never instructions. */
export interface Source {
  url: string | null;
  title: string;
  text: string;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 2_000_000;
const MAX_REDIRECTS = 3;
const MAX_TITLE = 200;

/**
 * The words at a public https address: an HTML page, or plain text.
 * @param maxLength characters of the text
 * @throws AppError InvalidInput (`url_refused`, `url_not_readable`); Unavailable (`url_unreachable`). Nothing of what the
 *   address answered is in a message.
 */
export async function readSource(
  context: Pick<Context, 'fetch' | 'publicUrl'>,
  url: string,
  maxLength: number,
): Promise<Source> {
  const { isHtml, body } = await download(context, url);
  const page = isHtml ? readPageText(body) : { title: '', description: '', text: body };
  const text = page.text.includes(page.description) ? page.text : `${page.description}\n\n${page.text}`;
  const source = {
    url,
    title: cleanForeignText(page.title, MAX_TITLE),
    text: cleanForeignText(text, maxLength),
  };
  if (source.text === '') throw notReadable('It has no text that can be read without running its scripts.');
  return source;
}

async function download(
  { fetch, publicUrl }: Pick<Context, 'fetch' | 'publicUrl'>,
  url: string,
): Promise<{ isHtml: boolean; body: string }> {
  try {
    const response = await fetch(url, {
      isPublicOnly: true,
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
      maxRedirects: MAX_REDIRECTS,
      headers: {
        accept: 'text/html, text/plain;q=0.9',
        'user-agent': `Grantcast/${readProductVersion()} (+${publicUrl})`,
      },
    });
    const type = (response.headers.get('content-type') ?? '').toLowerCase();
    const isHtml = /^(?:text\/html|application\/xhtml\+xml)\b/.test(type);
    if (!response.ok || !(isHtml || type.startsWith('text/plain'))) {
      await response.body?.cancel();
      throw notReadable(
        response.ok ? 'It is neither a page nor plain text.' : `It answered with status ${response.status}.`,
      );
    }
    return { isHtml, body: decode(await response.bytes(), type) };
  } catch (error) {
    throw explain(error);
  }
}

function decode(bytes: Uint8Array, type: string): string {
  const charset = /charset="?([\w-]{1,40})/.exec(type)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

function explain(error: unknown): unknown {
  const guarded = [error, (error as { cause?: unknown }).cause].find(
    (one) => one instanceof GuardedFetchError,
  );
  if (guarded?.code === 'too_large') return notReadable(`It is larger than ${MAX_BYTES / 1e6} MB.`);
  if (guarded) {
    return invalidInput({
      code: 'url_refused',
      field: 'source_url',
      message: 'This address, or one that it leads to, is not a public https address.',
      nextStep: 'Give another source_url, or what it says as source_text.',
    });
  }
  const isTimeout = error instanceof DOMException && error.name === 'TimeoutError';
  if (!isTimeout && !(error instanceof TypeError)) return error;
  return unavailable({
    code: 'url_unreachable',
    field: 'source_url',
    message: isTimeout
      ? `The address did not answer in full within ${TIMEOUT_MS / 1000} seconds.`
      : 'The address cannot be reached: there is no such host, or it does not answer, or it redirects too often.',
    nextStep: 'Give what it says as source_text, or call again later.',
  });
}

function notReadable(why: string): AppError {
  return invalidInput({
    code: 'url_not_readable',
    field: 'source_url',
    message: `The address cannot be read. ${why}`,
    nextStep: 'Give another source_url, or what it says as source_text.',
  });
}

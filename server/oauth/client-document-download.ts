import type { Context } from '../context.ts';
import { GuardedFetchError, isNamed } from '../fetch.ts';
import { readProductVersion } from '../product-version.ts';

import { parseClientDocument } from './client-document.ts';

const TIMEOUT_MS = 5000;
const MAX_BYTES = 20_480;
const SHORTEST_KEEP_SECONDS = 300;
const USUAL_KEEP_SECONDS = 3600;
const LONGEST_KEEP_SECONDS = 86_400;

export type Download = { body: string; keepSeconds: number } | { problem: string; status?: number };

/** One request to the host of a document, and no more: no redirect, no other port, no private address. */
export type DownloadDocument = (url: string) => Promise<Download>;

export function createDownload(context: Context): DownloadDocument {
  // Hosts that keep bots out want to know who asks, and refuse an empty name.
  const userAgent = `Grantcast/${readProductVersion()} (+${context.publicUrl})`;
  // Private hosts are named for other purposes, and here a stranger chooses the address.
  const { clientDocuments, allowPrivateHosts } = context.config;
  const closed = new Set(clientDocuments === 'on' ? [] : allowPrivateHosts.map((host) => host.toLowerCase()));
  return async function downloadDocument(url) {
    if (isNamed(new URL(url), closed)) return { problem: 'its host is not one that this server calls' };
    try {
      const response = await context.fetch(url, {
        headers: { accept: 'application/json', 'user-agent': userAgent },
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_BYTES,
      });
      const text = await response.text();
      if (response.status !== 200) {
        return { problem: `its host answered ${response.status}`, status: response.status };
      }
      const parsed = parseClientDocument(url, text);
      return 'problem' in parsed ? parsed : { ...parsed, keepSeconds: keepSecondsOf(response.headers) };
    } catch (error) {
      return { problem: describeFailure(error) };
    }
  };
}

/** As long as its host wants (RFC 9111), between five minutes and a day. */
function keepSecondsOf(headers: Headers): number {
  const control = headers.get('cache-control') ?? '';
  if (/(?:^|[,\s])no-(?:store|cache)/i.test(control)) return SHORTEST_KEEP_SECONDS;
  const maxAge = /(?:^|[,\s])max-age\s*=\s*"?(\d{1,9})/i.exec(control)?.[1];
  const seconds = maxAge === undefined ? USUAL_KEEP_SECONDS : Number(maxAge);
  return Math.min(Math.max(seconds, SHORTEST_KEEP_SECONDS), LONGEST_KEEP_SECONDS);
}

function describeFailure(error: unknown): string {
  const guard = [error, (error as { cause?: unknown }).cause].find((one) => one instanceof GuardedFetchError);
  if (guard?.code === 'too_large') return `it is longer than ${MAX_BYTES} bytes`;
  if (guard) return `its host is not one that this server calls: ${guard.message}`;
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return `its host did not answer within ${TIMEOUT_MS / 1000} seconds`;
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
  return /redirect/.test(cause) ? 'its host answered with a redirect' : 'its host could not be reached';
}

import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { AwsV4Signer } from 'aws4fetch';

import { createGuardedFetch, hostAndPort } from '../fetch.ts';
import type { S3Settings } from '../media-settings.ts';

const TRIES = 3;
const FIRST_PAUSE_MS = 200;
const MAX_ANSWER_BYTES = 64_000_000;

export interface S3Answer {
  status: number;
  bytes: Uint8Array<ArrayBuffer>;
  /** Of an error, such as NoSuchKey; undefined when the answer names none. */
  errorCode: string | undefined;
}

export interface S3Request {
  method: 'GET' | 'PUT' | 'DELETE';
  key: string;
  body?: Uint8Array<ArrayBuffer>;
  mimeType?: string;
  /** For all tries together. */
  timeoutMs: number;
}

/** One bucket of any server with the S3 API (docs.aws.amazon.com/AmazonS3/latest/API). */
export interface S3Client {
  /**
   * Signed with the body's hash; tried again when the server fails (5xx, 429) or the connection does: all three methods may
   * be repeated.
   * @throws what the last try threw, or the pause that the deadline ended
   */
  send(request: S3Request): Promise<S3Answer>;
  close(): Promise<void>;
}

/** Its own way out: the operator's server may be private, and this client calls nothing else. */
export function createS3Client(settings: S3Settings): S3Client {
  const base = bucketUrlOf(settings);
  const fetch = createGuardedFetch([hostAndPort(base.href)]);
  const sendOnce = async (
    { method, key, body, mimeType, timeoutMs }: S3Request,
    signal: AbortSignal,
  ): Promise<S3Answer> => {
    const signed = await new AwsV4Signer({
      ...{ method, service: 's3', region: settings.region },
      ...{ accessKeyId: settings.accessKeyId, secretAccessKey: settings.secretAccessKey },
      url: new URL(`${base.pathname}/${key}`, base).href,
      headers: {
        'x-amz-content-sha256': createHash('sha256')
          .update(body ?? '')
          .digest('hex'),
        ...(mimeType && { 'content-type': mimeType }),
      },
    }).sign();
    const response = await fetch(signed.url, {
      ...{ method, headers: signed.headers, signal, timeoutMs, maxBytes: MAX_ANSWER_BYTES },
      ...(body && { body }),
    });
    const bytes = await response.bytes();
    return { status: response.status, bytes, errorCode: response.ok ? undefined : errorCodeOf(bytes) };
  };
  return {
    async send(request) {
      const signal = AbortSignal.timeout(request.timeoutMs);
      for (let tries = 1; ; tries += 1) {
        try {
          const answer = await sendOnce(request, signal);
          if (tries === TRIES || (answer.status < 500 && answer.status !== 429)) return answer;
        } catch (error) {
          if (tries === TRIES || signal.aborted) throw error;
        }
        await pause(FIRST_PAUSE_MS * 2 ** (tries - 1), undefined, { signal });
      }
    },
    close: () => fetch.close(),
  };
}

/** Without a slash at its end. */
function bucketUrlOf({ endpoint, bucket, hasPathStyle }: S3Settings): URL {
  const url = new URL(endpoint);
  const path = url.pathname.replace(/\/+$/, '');
  if (!hasPathStyle) url.hostname = `${bucket}.${url.hostname}`;
  url.pathname = hasPathStyle ? `${path}/${bucket}` : path;
  return url;
}

/** The code of an error document; everything else in it is the server's own words. */
function errorCodeOf(bytes: Uint8Array): string | undefined {
  return /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(Buffer.from(bytes).toString('utf8'))?.[1];
}

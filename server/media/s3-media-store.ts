import { randomBytes } from 'node:crypto';

import { AppError, invalidInput, unavailable } from '../errors.ts';
import type { S3Settings } from '../media-settings.ts';
import { assertStorageKey, type MediaStore } from './media-store.ts';
import { createS3Client, type S3Answer, type S3Client, type S3Request } from './s3-client.ts';

const TIMEOUT_MS = 20_000;
/** Files are removed inside a transaction, which must not stand open for long. */
const REMOVE_TIMEOUT_MS = 3_000;
/** Stands for a file when the settings are tried out. */
const CHECK_KEY = 'grantcast-check';

/** In a bucket that web and worker processes share. */
export function createS3MediaStore(settings: S3Settings): MediaStore {
  const client = createS3Client(settings);
  const find = async (key: string) => {
    assertStorageKey(key);
    const request = { method: 'GET', key, timeoutMs: TIMEOUT_MS } as const;
    const answer = await send(client, request, 'media_unreadable');
    if (answer.status === 200) return answer.bytes;
    if (answer.status === 404 && answer.errorCode !== 'NoSuchBucket') return null;
    throw storageFails('media_unreadable', answer);
  };
  const write = async (request: S3Request) => {
    const answer = await send(client, request, 'media_unwritable');
    if (answer.status >= 300) throw storageFails('media_unwritable', answer);
  };
  return {
    async put(key, bytes, mimeType, timeoutMs = TIMEOUT_MS) {
      assertStorageKey(key);
      const body = new Uint8Array(bytes);
      await write({ method: 'PUT', key, body, mimeType, timeoutMs });
    },
    find,
    async read(key) {
      const bytes = await find(key);
      if (bytes) return bytes;
      throw storageFails('media_unreadable', new Error('there is no such file'));
    },
    async remove(key) {
      assertStorageKey(key);
      await write({ method: 'DELETE', key, timeoutMs: REMOVE_TIMEOUT_MS });
    },
    async check() {
      try {
        await tryOut(client, settings);
      } catch (error) {
        throw error instanceof AppError ? error : unreachable(settings, error);
      }
    },
    close: () => client.close(),
  };
}

async function send(client: S3Client, request: S3Request, code: FailureCode): Promise<S3Answer> {
  try {
    return await client.send(request);
  } catch (error) {
    throw storageFails(code, error);
  }
}

type FailureCode = 'media_unreadable' | 'media_unwritable';

function storageFails(code: FailureCode, reason: unknown): AppError {
  const cause =
    reason instanceof Error
      ? reason
      : new Error(`S3 answered ${(reason as S3Answer).status} ${(reason as S3Answer).errorCode ?? ''}`);
  const message =
    code === 'media_unreadable'
      ? 'A file of the media library cannot be read.'
      : 'The media library cannot be written to at the moment.';
  return unavailable({ code, message, cause });
}

/** Writes, reads and removes a file of a few bytes. */
async function tryOut(client: S3Client, settings: S3Settings): Promise<void> {
  const body = new Uint8Array(randomBytes(16));
  const about = { key: CHECK_KEY, timeoutMs: 5_000 };
  const written = await client.send({ ...about, method: 'PUT', body, mimeType: 'application/octet-stream' });
  if (written.status >= 300) throw wrongSettings(settings, written, 'written');
  const read = await client.send({ ...about, method: 'GET' });
  if (read.status !== 200) throw wrongSettings(settings, read, 'read');
  const removed = await client.send({ ...about, method: 'DELETE' });
  if (removed.status >= 300) throw wrongSettings(settings, removed, 'removed');
}

type Verb = 'written' | 'read' | 'removed';

/** By the code that the server names: S3 API, error responses. */
function wrongSettings(settings: S3Settings, answer: S3Answer, verb: Verb): AppError {
  const { status, errorCode } = answer;
  if (status >= 500) return unreachable(settings, new Error(`S3 answered ${status} ${errorCode ?? ''}`));
  const said = `The S3 server answers ${status}${errorCode ? ` ${errorCode}` : ''} when a file is ${verb}`;
  const [field, advice] = adviceFor(settings, errorCode);
  return invalidInput({ code: 'invalid_setting', field, message: `${said}: ${advice}` });
}

function adviceFor({ bucket, region }: S3Settings, errorCode: string | undefined): [string, string] {
  switch (errorCode) {
    case 'InvalidAccessKeyId':
      return ['S3_ACCESS_KEY_ID', 'it does not know S3_ACCESS_KEY_ID. Correct it.'];
    case 'SignatureDoesNotMatch':
      return [
        'S3_SECRET_ACCESS_KEY',
        'S3_SECRET_ACCESS_KEY does not belong to S3_ACCESS_KEY_ID. Correct it.',
      ];
    case 'NoSuchBucket':
      return ['S3_BUCKET', `there is no bucket ${bucket}. Make it, or correct S3_BUCKET.`];
    case 'AccessDenied':
      return [
        'S3_ACCESS_KEY_ID',
        `this key may not do so in the bucket ${bucket}. Allow it GetObject, PutObject and DeleteObject there.`,
      ];
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
      return ['S3_REGION', `the bucket ${bucket} is not in ${region}. Correct S3_REGION, or S3_ENDPOINT.`];
    case 'RequestTimeTooSkewed':
      return ['S3_ENDPOINT', 'the clock of this machine is wrong. Set it.'];
    default:
      return ['S3_ENDPOINT', 'check S3_ENDPOINT, S3_BUCKET and S3_FORCE_PATH_STYLE.'];
  }
}

function unreachable({ endpoint }: S3Settings, cause: unknown): AppError {
  return unavailable({
    code: 'media_store_unreachable',
    message: `The S3 server ${new URL(endpoint).host} does not answer, or sends requests elsewhere. Check that it is running, S3_ENDPOINT and S3_REGION.`,
    cause,
  });
}

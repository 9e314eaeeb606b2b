// What a Mastodon server's answers mean: https://docs.joinmastodon.org/entities/Error/ and
// https://docs.joinmastodon.org/api/rate-limits/ (checked 2026-11-21). Servers answer in their own language where their
// operator says so: the texts below refine what the status alone tells, and nothing depends on them alone but where it must.
import { z } from 'zod';

import type { ApiAnswer } from './call-api.ts';
import { NetworkError, type NetworkErrorKind } from './network-error.ts';

/** Requests are counted in windows of five minutes. */
const DEFAULT_PAUSE_MS = 300_000;

const errorSchema = z.object({ error: z.string() });

interface ErrorRow {
  status: number;
  /** Unset: any JSON error of this status. */
  says?: RegExp;
  /** Whatever lies in front of the server answers so too, with a page of its own. */
  isOftenPage?: true;
  code: string;
  kind: NetworkErrorKind;
  message: string;
}

const EXPIRED = 'The link to the Mastodon account has ended there.';
const FORGOTTEN = {
  code: 'invalid_client',
  kind: 'rejected',
  message: 'The Mastodon server does not know this application any more. Link the account again.',
} as const;

/** The first row that fits holds. What is not JSON came from something in front of the server, and tells little. */
const ERRORS: readonly ErrorRow[] = [
  { status: 400, says: /^invalid_client$/, ...FORGOTTEN },
  { status: 401, says: /^invalid_client$/, ...FORGOTTEN },
  {
    status: 400,
    says: /^invalid_grant$/,
    code: 'invalid_grant',
    kind: 'rejected',
    message: 'The way back from the Mastodon server took too long. Link the account again.',
  },
  { status: 400, code: 'bad_request', kind: 'rejected', message: 'Mastodon could not read the request.' },
  { status: 401, isOftenPage: true, code: 'unauthorized', kind: 'auth_expired', message: EXPIRED },
  {
    status: 403,
    says: /outside the authorized scopes/i,
    code: 'scope_missing',
    kind: 'auth_expired',
    message: 'The Mastodon account was linked without a permission that this needs.',
  },
  {
    status: 403,
    says: /^your login is /i,
    code: 'account_disabled',
    kind: 'blocked',
    message: 'The Mastodon server does not let this account in: it is disabled, or not confirmed yet.',
  },
  {
    status: 403,
    says: /not allowed/i,
    code: 'not_allowed',
    kind: 'rejected',
    message: 'The Mastodon server does not allow this account to do that.',
  },
  { status: 404, code: 'not_found', kind: 'rejected', message: 'Mastodon does not have it any more.' },
  {
    status: 413,
    isOftenPage: true,
    code: 'picture_bytes',
    kind: 'rejected',
    message: 'A picture of the post is too large for this Mastodon server. Use a smaller one.',
  },
  {
    status: 422,
    says: /not finished processing/i,
    code: 'media_not_ready',
    kind: 'not_sent',
    message: 'The Mastodon server still works on a picture of the post.',
  },
  {
    status: 422,
    says: /already attached to another/i,
    code: 'media_attached',
    kind: 'duplicate',
    message: 'A picture of the post belongs to a post on Mastodon already.',
  },
  {
    status: 422,
    says: /character limit/i,
    code: 'text_length',
    kind: 'rejected',
    message: 'The text is longer than this Mastodon server takes. Shorten it.',
  },
  {
    status: 422,
    says: /content type|file is invalid/i,
    code: 'picture_type',
    kind: 'rejected',
    message: 'This Mastodon server does not take a picture of the post. Use a JPEG or PNG.',
  },
  {
    status: 422,
    code: 'validation_failed',
    kind: 'rejected',
    message: 'Mastodon refused the post because it breaks a rule for posts.',
  },
  {
    status: 429,
    isOftenPage: true,
    code: 'too_many_requests',
    kind: 'rate_limited',
    message: 'The Mastodon server asks to wait before posting more.',
  },
  {
    status: 500,
    says: /processing thumbnail/i,
    code: 'picture_type',
    kind: 'rejected',
    message: 'The Mastodon server could not read a picture of the post. Save it anew, or use another one.',
  },
];

const UNLISTED = { kind: 'ambiguous', message: 'The Mastodon server gave no clear answer.' } as const;

export function explainMastodonError({ status, headers, body }: ApiAnswer): NetworkError {
  const error = errorSchema.safeParse(body).data?.error;
  const row = ERRORS.find(
    ({ status: expected, says, isOftenPage }) =>
      expected === status && (says ? says.test(error ?? '') : isOftenPage || error !== undefined),
  );
  const { kind, message } = row ?? UNLISTED;
  const cause = new Error(`${status}: ${(error ?? String(body)).slice(0, 500)}`);
  const until = kind === 'rate_limited' ? readPauseEnd(headers) : undefined;
  return new NetworkError(kind, row?.code ?? `http_${status}`, message, { until, cause });
}

/** X-RateLimit-Reset is a time in ISO 8601, by the server's own clock, which its Date header tells. */
function readPauseEnd(headers: Headers): Date {
  const now = Date.now();
  const resetAt = Date.parse(headers.get('x-ratelimit-reset') ?? '');
  const toldAt = Date.parse(headers.get('date') ?? '');
  const retryAfterMs = Number(headers.get('retry-after')) * 1000;
  const pauseMs = Number.isNaN(resetAt) ? retryAfterMs : resetAt - (Number.isNaN(toldAt) ? now : toldAt);
  return new Date(now + (pauseMs > 0 ? Math.min(pauseMs, 86_400_000) : DEFAULT_PAUSE_MS));
}

/** True where a server does not know what was called: it is older, or another software. */
export function isUnknownPath(error: unknown): boolean {
  return error instanceof NetworkError && /^(not_found|http_40[45])$/.test(error.code);
}

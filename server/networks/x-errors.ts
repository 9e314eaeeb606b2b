// What X's answers mean: https://docs.x.com/x-api/fundamentals/response-codes-and-errors and
// https://docs.x.com/x-api/fundamentals/rate-limits (checked 2026-11-21), and answers that programs were seen to get. Problems
// (RFC 9457) have a type whose host is api.x.com or api.twitter.com: its last word is what counts.
import { z } from 'zod';

import type { ApiAnswer } from './call-api.ts';
import { NetworkError, type NetworkErrorKind } from './network-error.ts';

/** The usual window of X's limits. */
const DEFAULT_PAUSE_MS = 900_000;
const LONGEST_PAUSE_MS = 86_400_000;

const problemSchema = z.object({
  title: z.string().optional(),
  detail: z.string().optional(),
  type: z.string().optional(),
  errors: z.array(z.object({ message: z.string().optional() })).optional(),
});

interface ErrorRow {
  status: number;
  /** The last word of the problem's type; unset: any. */
  type?: string;
  /** Unset: whatever the detail is. */
  says?: RegExp;
  /** What stands in front of the API answers so too: no problem is asked for. */
  isOftenPage?: true;
  code: string;
  kind: NetworkErrorKind;
  /** It is the app's, whatever X's headers say of limits. */
  binds?: 'app';
  message: string;
}

const EXPIRED = 'The link to the X account has run out.';
const USED_UP = 'has to be seen to in X’s developer console by whoever runs this server.';

/**
 * The first row that fits holds. A fault of the app is no account's: its channels wait until the operator has mended it, and
 * then go on by themselves. What is no problem in JSON came from something in front of the API, and tells little.
 */
const ERRORS: readonly ErrorRow[] = [
  {
    status: 400,
    says: /media ids? (is|are) invalid/i,
    code: 'media_gone',
    kind: 'not_sent',
    message: 'X does not have a picture of the post any more.',
  },
  { status: 400, code: 'invalid_request', kind: 'rejected', message: 'X could not read the request.' },
  { status: 401, isOftenPage: true, code: 'unauthorized', kind: 'auth_expired', message: EXPIRED },
  {
    status: 402,
    isOftenPage: true,
    code: 'credits_depleted',
    kind: 'rate_limited',
    binds: 'app',
    message: `X takes no more posts from this server: its credits are used up. That ${USED_UP}`,
  },
  {
    status: 403,
    type: 'unsupported-authentication',
    code: 'unsupported_authentication',
    kind: 'auth_expired',
    message: EXPIRED,
  },
  {
    status: 403,
    says: /duplicate content/i,
    code: 'duplicate_content',
    kind: 'duplicate',
    message: 'X has a post of this account with the same text already.',
  },
  {
    status: 403,
    type: 'client-forbidden',
    code: 'client_forbidden',
    kind: 'rate_limited',
    binds: 'app',
    message: `X does not let this server post: its app lacks access. That ${USED_UP}`,
  },
  {
    status: 403,
    says: /(account|user) .*(suspended|locked)|temporarily locked/i,
    code: 'account_locked',
    kind: 'blocked',
    message: 'X does not let this account post: it is locked or suspended.',
  },
  {
    status: 403,
    says: /reply to this conversation|engaged by the author/i,
    code: 'reply_not_allowed',
    kind: 'rejected',
    message: 'X does not allow this account to reply there.',
  },
  {
    status: 403,
    code: 'not_permitted',
    kind: 'rejected',
    message: 'X does not permit this post: it is too long, breaks a rule of X, or the app may not write.',
  },
  {
    status: 404,
    type: 'resource-not-found',
    code: 'not_found',
    kind: 'rejected',
    message: 'X does not have it any more.',
  },
  {
    status: 413,
    isOftenPage: true,
    code: 'picture_bytes',
    kind: 'rejected',
    message: 'A picture of the post is too large for X. Use a smaller one.',
  },
  {
    status: 429,
    type: 'usage-capped',
    code: 'usage_capped',
    kind: 'rate_limited',
    binds: 'app',
    message: `X takes no more from this server this month: its limit is reached. That ${USED_UP}`,
  },
  {
    status: 429,
    isOftenPage: true,
    code: 'too_many_requests',
    kind: 'rate_limited',
    message: 'X asks to wait before posting more.',
  },
];

const UNLISTED = { kind: 'ambiguous', message: 'X gave no clear answer.' } as const;

export function explainXError({ status, headers, body }: ApiAnswer): NetworkError {
  const problem = problemSchema.safeParse(body).data;
  const detail = problem?.detail ?? problem?.errors?.[0]?.message ?? problem?.title;
  const type = problem?.type?.split('/').at(-1);
  const row = ERRORS.find(
    (candidate) =>
      candidate.status === status &&
      (candidate.isOftenPage ?? detail !== undefined) &&
      (!candidate.type || candidate.type === type) &&
      (!candidate.says || candidate.says.test(detail ?? '')),
  );
  const { kind, message } = row ?? UNLISTED;
  const cause = new Error(`${status}: ${(detail ?? String(body)).slice(0, 500)}`);
  const pause = row?.binds ? appPause() : kind === 'rate_limited' ? readPause(headers) : {};
  return new NetworkError(kind, row?.code ?? `http_${status}`, message, { ...pause, cause });
}

/** Until somebody may have seen to it: short enough that what is due is tried once more before it is too late. */
const appPause = () => ({ until: new Date(Date.now() + DEFAULT_PAUSE_MS), binds: 'app' as const });

/** Which limit is used up, and whom it binds: those of a day, of the app and of the account, stand beside the usual one. */
const LIMITS = [
  { prefix: 'x-app-limit-24hour', binds: 'app' },
  { prefix: 'x-user-limit-24hour', binds: 'channel' },
  { prefix: 'x-rate-limit', binds: 'channel' },
] as const;

/** Resets are in seconds since the epoch by X's own clock, which its Date header tells. The longest pause counts. */
function readPause(headers: Headers): { until: Date; binds: 'channel' | 'app' } {
  const now = Date.now();
  const toldAt = Date.parse(headers.get('date') ?? '');
  const network = Number.isNaN(toldAt) ? now : toldAt;
  const pauses = LIMITS.flatMap(({ prefix, binds }) => {
    const pauseMs = Number(headers.get(`${prefix}-reset`) ?? 0) * 1000 - network;
    const isUsedUp = headers.get(`${prefix}-remaining`) === '0';
    return isUsedUp && pauseMs > 0 ? [{ pauseMs, binds }] : [];
  }).toSorted((one, other) => other.pauseMs - one.pauseMs);
  const retryAfterMs = Number(headers.get('retry-after') ?? 0) * 1000;
  const { pauseMs, binds } = pauses[0] ?? {
    pauseMs: retryAfterMs > 0 ? retryAfterMs : DEFAULT_PAUSE_MS,
    binds: 'channel' as const,
  };
  return { until: new Date(now + Math.min(pauseMs, LONGEST_PAUSE_MS)), binds };
}

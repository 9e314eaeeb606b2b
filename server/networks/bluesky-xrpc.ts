// XRPC: https://atproto.com/specs/xrpc (checked 2026-11). Our own fetch, because a client that retries or re-routes
// by itself would hide how often a write was sent.
import { z } from 'zod';

import type { GuardedFetch } from '../fetch.ts';
import { fetchWithDpop, type DpopToken } from './bluesky-dpop.ts';
import { toNetworkError } from './call-failure.ts';
import { NetworkError, type NetworkErrorKind } from './network-error.ts';
import { withoutSecrets } from './without-secrets.ts';

const NAME = 'Bluesky';
const MAX_ANSWER_BYTES = 500_000;
const CALL_TIMEOUT_MS = 20_000;
const DEFAULT_PAUSE_MS = 60_000;

/** Of an app password, or of a link by the account's own pages, where each call is signed with a key (DPoP). */
export type XrpcToken = string | DpopToken;

/** What every call of one account shares. */
export interface XrpcSession {
  serviceUrl: string;
  token: XrpcToken;
  fetch: GuardedFetch;
  signal: AbortSignal;
}

export interface XrpcCall {
  serviceUrl: string;
  method: 'GET' | 'POST';
  nsid: string;
  token?: XrpcToken;
  /** A list goes as the same name several times. */
  query?: Record<string, string | readonly string[]>;
  /** JSON. */
  body?: unknown;
  /** Sent as it is, instead of a body. */
  file?: { bytes: Uint8Array<ArrayBuffer>; mimeType: string };
  signal: AbortSignal;
}

const errorSchema = z.object({ error: z.string().regex(/^\w{1,60}$/), message: z.string().optional() });

function secretsOf({ token, body }: XrpcCall): string[] {
  const password = (body as { password?: unknown } | undefined)?.password;
  const secrets = [typeof token === 'object' ? token.accessToken : token, password];
  return secrets.filter((secret) => typeof secret === 'string');
}

/** @throws NetworkError always: by the table at the end, or as the failed call itself says. */
export async function callXrpc<T>(fetch: GuardedFetch, call: XrpcCall, answer: z.ZodType<T>): Promise<T> {
  try {
    const url = new URL(`/xrpc/${call.nsid}`, call.serviceUrl);
    for (const [name, values] of Object.entries(call.query ?? {})) {
      for (const value of [values].flat()) url.searchParams.append(name, value);
    }
    const contentType = call.file?.mimeType ?? (call.body === undefined ? undefined : 'application/json');
    const request = {
      method: call.method,
      headers: {
        ...(typeof call.token === 'string' && { authorization: `Bearer ${call.token}` }),
        ...(contentType && { 'content-type': contentType }),
      },
      body: call.file?.bytes ?? (call.body === undefined ? null : JSON.stringify(call.body)),
      signal: call.signal,
      timeoutMs: CALL_TIMEOUT_MS,
      maxBytes: MAX_ANSWER_BYTES,
    };
    const response =
      typeof call.token === 'object'
        ? await fetchWithDpop(fetch, url, request, call.token)
        : await fetch(url, request);
    const text = await response.text();
    if (!response.ok) throw toXrpcError(response, withoutSecrets(text, secretsOf(call)));
    return answer.parse(JSON.parse(text));
  } catch (error) {
    throw toNetworkError(error, NAME);
  }
}

function toXrpcError(response: Response, text: string): NetworkError {
  const { error, message } = parseError(text);
  const code = error ?? `http_${response.status}`;
  const cause = new Error(`${response.status} ${code}: ${(message ?? text).slice(0, 500)}`);
  const row =
    ERRORS.find(
      ({ status, codes, says }) =>
        status === response.status && (!codes || codes.includes(code)) && (!says || says.test(message ?? '')),
    ) ?? UNLISTED;
  const until = row.kind === 'rate_limited' ? pauseEnd(response.headers) : undefined;
  return new NetworkError(row.kind, row.rule ?? code, row.message, { until, cause });
}

function parseError(text: string): { error?: string; message?: string | undefined } {
  try {
    return errorSchema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

/** ratelimit-reset is in seconds since the epoch, retry-after in seconds from now. */
function pauseEnd(headers: Headers): Date {
  const resetSeconds = Number(headers.get('ratelimit-reset'));
  if (resetSeconds > 0) return new Date(resetSeconds * 1000);
  const pauseSeconds = Number(headers.get('retry-after'));
  return new Date(Date.now() + (pauseSeconds > 0 ? pauseSeconds * 1000 : DEFAULT_PAUSE_MS));
}

interface ErrorRow {
  status: number;
  /** Unset: every code of this status. */
  codes?: readonly string[];
  /** Unset: whatever the message is. */
  says?: RegExp;
  /** The name of our own rule, where there is one for it. */
  rule?: string;
  kind: NetworkErrorKind;
  message: string;
}

const EXPIRED = 'The link to the Bluesky account has run out.';
const BLOCKED = 'Bluesky does not let this account post: it is deactivated, suspended or taken down.';
const REJECTED = 'Bluesky refused the post because it breaks a rule for posts.';

const TOO_LARGE = 'A picture of the post is too large for this Bluesky server. Use a smaller one.';

/** As the real server answers (observed with @atproto/pds 0.5.35). The first row that fits holds. */
const ERRORS: readonly ErrorRow[] = [
  { status: 400, codes: ['ExpiredToken', 'InvalidToken'], kind: 'auth_expired', message: EXPIRED },
  {
    status: 400,
    codes: ['InvalidSwap'],
    kind: 'duplicate',
    message: 'Bluesky has a post in this place already.',
  },
  {
    status: 400,
    codes: ['AccountTakedown', 'AccountDeactivated', 'AccountSuspended', 'RepoTakendown', 'RepoDeactivated'],
    kind: 'blocked',
    message: BLOCKED,
  },
  { status: 400, codes: ['RecordNotFound'], kind: 'rejected', message: 'The post is not on Bluesky.' },
  // An upload that no post refers to is forgotten after a while; the next try uploads it again.
  {
    status: 400,
    codes: ['BlobNotFound'],
    kind: 'not_sent',
    message: 'Bluesky does not have a picture of the post any more.',
  },
  { status: 400, says: /blob too big/i, rule: 'picture_bytes', kind: 'rejected', message: TOO_LARGE },
  {
    status: 400,
    codes: ['InvalidRequest', 'InvalidRecord', 'InvalidMimeType', 'HandleNotFound'],
    kind: 'rejected',
    message: REJECTED,
  },
  {
    status: 401,
    codes: ['AccountTakedown', 'AccountDeactivated', 'AccountSuspended'],
    kind: 'blocked',
    message: BLOCKED,
  },
  {
    status: 401,
    codes: ['AuthenticationRequired', 'AuthFactorTokenRequired'],
    kind: 'rejected',
    message: 'Bluesky does not know this handle with this app password.',
  },
  // Refused before anything was done, twice: the next try begins with the newest nonce.
  {
    status: 401,
    codes: ['use_dpop_nonce'],
    kind: 'not_sent',
    message: 'Bluesky asked to sign the call anew.',
  },
  { status: 401, kind: 'auth_expired', message: EXPIRED },
  { status: 403, codes: ['AccountNotFound', 'ScopeMissingError'], kind: 'auth_expired', message: EXPIRED },
  { status: 413, rule: 'picture_bytes', kind: 'rejected', message: TOO_LARGE },
  { status: 429, kind: 'rate_limited', message: 'Bluesky asks to wait before posting more.' },
];

const UNLISTED: Omit<ErrorRow, 'status'> = { kind: 'ambiguous', message: 'Bluesky gave no clear answer.' };

// What Meta's error codes mean for a post (checked 2026-11):
// https://developers.facebook.com/docs/graph-api/guides/error-handling
// https://developers.facebook.com/documentation/instagram-platform/instagram-graph-api/reference/error-codes
// https://developers.facebook.com/docs/graph-api/overview/rate-limiting
import { z } from 'zod';

import type { ApiAnswer } from './call-api.ts';
import { readPauseEnd } from './meta-usage.ts';
import { NetworkError, type NetworkErrorKind } from './network-error.ts';

const errorSchema = z.object({
  error: z.object({
    code: z.int(),
    error_subcode: z.int().optional(),
    message: z.string().optional(),
    error_user_msg: z.string().optional(),
    fbtrace_id: z.string().optional(),
  }),
});

interface ErrorRow {
  /** From, to. */
  codes: readonly [number, number];
  /** Unset: every subcode, and none. */
  subcodes?: readonly number[];
  kind: NetworkErrorKind;
  /** The name of our own rule, where there is one for it. */
  rule?: string;
  binds?: 'app';
  says: string;
}

const EXPIRED = 'The link to the account has run out or was taken back.';
const PERMISSION =
  'The account does not allow this app to do that. Link it again and leave every permission on.';
const BLOCKED =
  'The account may not post for now, because it broke a rule or is restricted. Open the app and look.';
const WAIT = 'It asks to wait before calling it again.';

/**
 * The first row that fits holds; what is in none is ambiguous: 1 and 2 (a failure on their side, which may come after the
 * work was done), and 4 with 2207051, which has come for posts that were published.
 */
const ERRORS: readonly ErrorRow[] = [
  { codes: [102, 102], kind: 'auth_expired', says: EXPIRED },
  { codes: [190, 190], kind: 'auth_expired', says: EXPIRED },
  {
    codes: [4, 4],
    subcodes: [2207051],
    kind: 'ambiguous',
    says: 'It restricts some activity of this account.',
  },
  { codes: [4, 4], kind: 'rate_limited', binds: 'app', says: WAIT },
  { codes: [341, 341], kind: 'rate_limited', binds: 'app', says: WAIT },
  {
    codes: [9, 9],
    subcodes: [2207042],
    kind: 'rate_limited',
    says: 'The account has published all that it may in a day.',
  },
  { codes: [17, 17], kind: 'rate_limited', says: WAIT },
  { codes: [32, 32], kind: 'rate_limited', says: WAIT },
  { codes: [613, 613], kind: 'rate_limited', says: WAIT },
  { codes: [80_000, 80_014], kind: 'rate_limited', says: WAIT },
  { codes: [25, 25], subcodes: [2207050], kind: 'blocked', says: BLOCKED },
  { codes: [368, 368], kind: 'blocked', says: BLOCKED },
  { codes: [1_390_008, 1_390_008], kind: 'blocked', says: BLOCKED },
  { codes: [3, 3], kind: 'auth_expired', says: PERMISSION },
  { codes: [10, 10], kind: 'auth_expired', says: PERMISSION },
  { codes: [200, 299], kind: 'auth_expired', says: PERMISSION },
  { codes: [506, 506], kind: 'duplicate', says: 'It has this post already.' },
  // Containers. Surely not published, and the next try looks at the container before it does anything.
  {
    codes: [9007, 9007],
    subcodes: [2207027],
    kind: 'not_sent',
    rule: 'media_not_ready',
    says: 'It is still working on the pictures.',
  },
  {
    codes: [24, 24],
    subcodes: [2207008, 4279009],
    kind: 'not_sent',
    rule: 'container_not_found',
    says: 'It does not find yet what was prepared.',
  },
  {
    codes: [-2, -2],
    subcodes: [2207020],
    kind: 'not_sent',
    rule: 'container_expired',
    says: 'What was prepared has expired.',
  },
  {
    codes: [-2, -2],
    subcodes: [2207003],
    kind: 'not_sent',
    rule: 'picture_slow',
    says: 'Fetching a picture from this server took it too long.',
  },
  // Pictures and text.
  {
    codes: [9004, 9004],
    kind: 'rejected',
    rule: 'picture_unreachable',
    says: 'It could not fetch a picture from this server. Check that PUBLIC_URL can be reached from the internet.',
  },
  {
    codes: [-2, 1],
    subcodes: [2207052],
    kind: 'rejected',
    rule: 'picture_unreachable',
    says: 'It could not fetch a picture from this server. Check that PUBLIC_URL can be reached from the internet.',
  },
  {
    codes: [36_000, 36_000],
    kind: 'rejected',
    rule: 'picture_bytes',
    says: 'A picture is too large for it.',
  },
  {
    codes: [36_001, 36_001],
    kind: 'rejected',
    rule: 'picture_type',
    says: 'It does not take pictures of this type.',
  },
  {
    codes: [36_003, 36_003],
    kind: 'rejected',
    rule: 'picture_aspect',
    says: 'A picture is too wide or too tall for it.',
  },
  { codes: [36_004, 36_004], kind: 'rejected', rule: 'text_length', says: 'The text is too long for it.' },
  { codes: [352, 352], kind: 'rejected', rule: 'picture_type', says: 'It does not take files of this type.' },
  { codes: [100, 100], kind: 'rejected', says: 'It refused the post: something in it is not allowed.' },
];

/** @param name of the network, as people write it */
export function explainMetaError(answer: ApiAnswer, name: string): NetworkError {
  const parsed = errorSchema.safeParse(answer.body);
  if (!parsed.success) {
    const cause = new Error(`${answer.status}: ${JSON.stringify(answer.body)?.slice(0, 500)}`);
    return new NetworkError('ambiguous', `http_${answer.status}`, `${name} gave no clear answer.`, { cause });
  }
  const {
    code,
    error_subcode: subcode,
    message,
    error_user_msg: userMessage,
    fbtrace_id: trace,
  } = parsed.data.error;
  const row = ERRORS.find(
    ({ codes: [from, to], subcodes }) =>
      code >= from && code <= to && (!subcodes || (subcode !== undefined && subcodes.includes(subcode))),
  );
  const told = subcode === undefined ? String(code) : `${code}/${subcode}`;
  const cause = new Error(
    `${answer.status} ${told} (${trace ?? ''}): ${(userMessage ?? message ?? '').slice(0, 500)}`,
  );
  if (!row) return new NetworkError('ambiguous', told, `${name} gave no clear answer.`, { cause });
  const { kind, rule, binds, says } = row;
  return new NetworkError(kind, rule ?? told, `${name}: ${says}`, {
    ...(kind === 'rate_limited' && { until: readPauseEnd(answer.headers) }),
    ...(binds && { binds }),
    cause,
  });
}

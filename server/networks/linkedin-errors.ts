// What LinkedIn's error answers mean for a post (checked 2026-11-21):
// https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/error-handling
// https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/rate-limits
// https://learn.microsoft.com/en-us/linkedin/marketing/versioning, .../community-management/shares/videos-api (MEDIA_ASSET_*)
import { z } from 'zod';

import type { ApiAnswer } from './call-api.ts';
import { NetworkError } from './network-error.ts';

/** A 429 that names no day is the network protecting itself for a moment. */
const SHORT_PAUSE_MS = 5 * 60_000;
const DAY_MS = 86_400_000;

const errorSchema = z.object({
  message: z.string().optional(),
  code: z.string().optional(),
  serviceErrorCode: z.int().optional(),
  errorDetailType: z.string().optional(),
  errorDetails: z.object({ inputErrors: z.array(z.object({ code: z.string() })).optional() }).optional(),
});
type LinkedinError = z.infer<typeof errorSchema>;

const DUPLICATE_OF = /\burn:li:(?:share|ugcPost):\d{1,30}\b/;
/** Of all calls of the app, or of this member's through it. */
const DAY_LIMIT = /\b(APPLICATION|MEMBER) DAY limit\b/;
/** How Rest.li begins what its own check of the fields found, before anything was done. */
const FIELD_ERROR = /^ERROR :: \//;
const NO_PERMISSION = 100;
/** https://learn.microsoft.com/en-us/linkedin/marketing/error-responses */
const INPUT_CODES = new Set([
  'FIELD_LENGTH_TOO_LONG',
  'INVALID_URN_ID',
  'INVALID_URN_TYPE',
  'INVALID_VALUE_FOR_FIELD',
  'MEDIA_ASSET_PROCESSING_FAILED',
]);

/** What is not listed here is ambiguous. */
export function explainLinkedinError({ status, body }: ApiAnswer): NetworkError {
  const told = errorSchema.safeParse(body).data ?? {};
  const inputCode = told.errorDetails?.inputErrors?.[0]?.code;
  const code = codeOf(inputCode ?? told.code, status);
  const cause = new Error(`${status} ${code}: ${(told.message ?? String(body)).slice(0, 500)}`);
  if (status === 401) {
    return new NetworkError('auth_expired', code, 'The link to the LinkedIn account has run out.', { cause });
  }
  if (status === 403 && (told.serviceErrorCode === NO_PERMISSION || told.code === 'ACCESS_DENIED')) {
    const message =
      'LinkedIn does not let this account do that. Link it again as an administrator, and leave every permission on.';
    return new NetworkError('auth_expired', code, message, { cause });
  }
  if (status === 426 && told.code === 'NONEXISTENT_VERSION') {
    const message =
      'LinkedIn no longer answers the version of its API that this server asks for. Its operator must set LINKEDIN_VERSION to a newer one.';
    return new NetworkError('rejected', 'api_version_over', message, { cause });
  }
  if (status === 429) return explainLimit(told, code, cause);
  if (status === 422 && inputCode === 'DUPLICATE_POST') {
    const urn = DUPLICATE_OF.exec(told.message ?? '')?.[0];
    const message = `LinkedIn says that it has this post already${urn ? ` (${urn})` : ''}.`;
    return new NetworkError('duplicate', code, message, { cause });
  }
  if (status === 400 && code === 'MEDIA_ASSET_WAITING_UPLOAD') {
    return new NetworkError('not_sent', 'media_not_ready', 'LinkedIn is still working on the pictures.', {
      cause,
    });
  }
  if ((status === 400 || status === 422) && (INPUT_CODES.has(code) || isAboutInput(told))) {
    return new NetworkError('rejected', code, 'LinkedIn refused the post because of what is in it.', {
      cause,
    });
  }
  return new NetworkError('ambiguous', code, 'LinkedIn gave no clear answer.', { cause });
}

/** LinkedIn sends no time with a 429; days of it end at midnight UTC, and only its words tell a day from a moment. */
function explainLimit({ message = '' }: LinkedinError, code: string, cause: Error): NetworkError {
  const scope = DAY_LIMIT.exec(message)?.[1];
  const now = Date.now();
  const until = new Date(scope ? (Math.floor(now / DAY_MS) + 1) * DAY_MS : now + SHORT_PAUSE_MS);
  const says = scope
    ? 'LinkedIn has taken all that it takes in a day; it goes on at midnight UTC.'
    : 'LinkedIn asks to wait before posting more.';
  const binds = scope === 'APPLICATION' ? 'app' : 'channel';
  return new NetworkError('rate_limited', code, says, { until, binds, cause });
}

function isAboutInput({ message = '', errorDetailType, errorDetails }: LinkedinError): boolean {
  const isListed = errorDetailType === 'com.linkedin.common.error.BadRequest' && errorDetails?.inputErrors;
  return Boolean(isListed) || FIELD_ERROR.test(message);
}

function codeOf(code: string | undefined, status: number): string {
  return code !== undefined && /^\w{1,60}$/.test(code) ? code : `http_${status}`;
}

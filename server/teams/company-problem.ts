import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';

import type { CompanySettings } from '../company-settings.ts';
import type { Context } from '../context.ts';
import { AppError, notAllowed, unavailable } from '../errors.ts';
import { GuardedFetchError } from '../fetch.ts';

/** Errors of openid-client that say nothing about the answer itself: it did not come, or not in a form to read. */
const NO_ANSWER = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
]);

/** What went wrong with the company's provider, for the person who waits; the operator finds the cause in the log. */
export function explainCompanyProblem(context: Context, settings: CompanySettings, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const refusal = findCause(error, GuardedFetchError);
  context.log.warn({ problem: describe(error), issuer: settings.issuer }, 'company sign-in did not work');
  if (refusal?.code === 'refused_url') {
    return unavailable({
      code: 'company_not_reachable',
      message: `This server may not call the provider of the company sign-in (${new URL(settings.issuer).host}): ${refusal.message} If it is on your own network, the operator names it in ALLOW_PRIVATE_HOSTS.`,
      cause: error,
    });
  }
  if (error instanceof AuthorizationResponseError) {
    return notAllowed({
      code: 'company_refused',
      message:
        error.error === 'access_denied'
          ? 'The company sign-in was cancelled. Try it again, or use your password.'
          : 'The company sign-in refused. Try it again; if that does not help, tell the operator.',
      cause: error,
    });
  }
  if (error instanceof ResponseBodyError && error.error === 'invalid_grant') {
    return notAllowed({
      code: 'company_refused',
      message: 'The company sign-in took too long or was used already. Try it again.',
      cause: error,
    });
  }
  if (error instanceof ResponseBodyError || error instanceof WWWAuthenticateChallengeError) {
    return notAllowed({
      code: 'company_refused',
      message:
        'The provider of the company sign-in refused this server: it is not set up right. Tell the operator.',
      cause: error,
    });
  }
  if (isNoAnswer(error)) {
    return unavailable({
      code: 'company_unavailable',
      message:
        'The company sign-in does not answer right now. Try it again in a minute, or use your password.',
      isRetriable: true,
      cause: error,
    });
  }
  return notAllowed({
    code: 'company_answer_wrong',
    message:
      'The answer of the company sign-in could not be verified, so nobody was signed in. Try it again.',
    cause: error,
  });
}

/** A failed connection is a TypeError of fetch; the library's own TypeErrors (a wrong argument) carry a code. */
function isNoAnswer(error: unknown): boolean {
  if (error instanceof ClientError)
    return NO_ANSWER.has(error.code ?? '') || findCause(error.cause, GuardedFetchError) !== null;
  if (error instanceof DOMException) return error.name === 'TimeoutError' || error.name === 'AbortError';
  return error instanceof TypeError && !('code' in error);
}

function findCause<Kind>(error: unknown, kind: abstract new (...args: never[]) => Kind): Kind | null {
  for (let depth = 0, one = error; depth < 5 && one instanceof Error; depth += 1, one = one.cause) {
    if (one instanceof kind) return one;
  }
  return null;
}

/** Codes and the library's own words; never a token or what the provider wrote. */
function describe(error: unknown): string {
  const { name, message, code } = error as { name?: string; message?: string; code?: string };
  const reason =
    error instanceof AuthorizationResponseError || error instanceof ResponseBodyError ? error.error : '';
  return [name, code, message, reason.slice(0, 60)].filter(Boolean).join(': ');
}

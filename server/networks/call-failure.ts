import { NetworkError } from './network-error.ts';

/** Failures before a byte of the request left: no address, no connection, no trusted TLS peer, or our own refusal. */
const NOT_SENT_CODES = new Set([
  'refused_url',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** What a failed call means when the network itself said nothing; whatever is not listed is ambiguous. */
export function toNetworkError(error: unknown, networkName: string): NetworkError {
  if (error instanceof NetworkError) return error;
  const code = codeOf(error);
  if (NOT_SENT_CODES.has(code)) {
    return new NetworkError('not_sent', code, `${networkName} could not be reached.`, { cause: error });
  }
  return new NetworkError('ambiguous', code, `${networkName} gave no clear answer.`, { cause: error });
}

/** Whether a failure with this code ended before a byte of the request had left. */
export function isOutOfReach(code: string): boolean {
  return NOT_SENT_CODES.has(code);
}

function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at.name === 'TimeoutError' || at.name === 'AbortError') return 'timeout';
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return 'no_answer';
}

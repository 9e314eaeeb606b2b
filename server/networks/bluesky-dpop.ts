// DPoP: each call of an account that was linked by its own pages carries a proof signed with the key of the link (RFC 9449,
// https://atproto.com/specs/oauth#demonstrating-proof-of-possession-dpop, checked 2026-11).
import { createHash, randomUUID } from 'node:crypto';

import type { GuardedFetch, GuardedRequest } from '../fetch.ts';

export interface DpopToken {
  accessToken: string;
  /** The private key, as JWK, of an algorithm that the server knows. */
  jwk: Readonly<Record<string, unknown>>;
}

const MOST_ORIGINS = 1_000;
/** The newest nonce of each server: without it every call would be refused once. */
const nonces = new Map<string, string>();

/** Repeated once where the server refused the call for its nonce, which it says before it looks at anything else. */
export async function fetchWithDpop(
  fetch: GuardedFetch,
  url: URL,
  request: GuardedRequest,
  token: DpopToken,
): Promise<Response> {
  const first = await fetchSigned(fetch, url, request, token);
  if (first.status !== 401 || !/error="?use_dpop_nonce/.test(first.headers.get('www-authenticate') ?? '')) {
    return first;
  }
  void first.body?.cancel();
  return fetchSigned(fetch, url, request, token);
}

async function fetchSigned(
  fetch: GuardedFetch,
  url: URL,
  request: GuardedRequest,
  token: DpopToken,
): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.set('authorization', `DPoP ${token.accessToken}`);
  headers.set('dpop', await signProof(token, request.method ?? 'GET', url));
  const response = await fetch(url, { ...request, headers });
  const nonce = response.headers.get('dpop-nonce');
  if (nonce) keepNonce(url.origin, nonce);
  return response;
}

function keepNonce(origin: string, nonce: string): void {
  if (nonces.size >= MOST_ORIGINS) nonces.clear();
  nonces.set(origin, nonce);
}

async function signProof({ accessToken, jwk }: DpopToken, method: string, url: URL): Promise<string> {
  const { JoseKey } = await import('@atproto/oauth-client-node');
  const key = await JoseKey.fromJWK(jwk);
  // Some that it lists are for other things than signing.
  const alg = key.algorithms.find((name) => /^(ES|PS|RS)\d/.test(name));
  const { bareJwk } = key;
  if (!bareJwk || !alg) throw new Error('The key of a link is no key pair.');
  return key.createJwt(
    { alg, typ: 'dpop+jwt', jwk: bareJwk },
    {
      iat: Math.floor(Date.now() / 1000),
      jti: randomUUID(),
      htm: method,
      htu: url.origin + url.pathname,
      nonce: nonces.get(url.origin),
      ath: createHash('sha256').update(accessToken).digest('base64url'),
    },
  );
}

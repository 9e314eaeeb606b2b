// The account's own pages: https://atproto.com/specs/oauth (checked 2026-11). The library resolves the account, pushes the
// request, checks the issuer and renews; every byte goes through our own fetch, and nothing is kept by it.
import { createECDH, createHash } from 'node:crypto';

import type {
  NodeOAuthClient,
  NodeSavedSession,
  NodeSavedState,
  OAuthClientMetadataInput,
} from '@atproto/oauth-client-node';

import type { Config } from '../config.ts';
import type { GuardedFetch } from '../fetch.ts';
import type { Seal } from '../seal.ts';
import { readBlueskyOauth } from './bluesky-access.ts';
import { toNetworkError } from './call-failure.ts';
import type { RefreshedCredentials } from './network.ts';
import { NetworkError } from './network-error.ts';

/** Deleting is part of `repo:`. Asked for instead of everything (`transition:generic`). */
export const BLUESKY_SCOPE = 'atproto repo:app.bsky.feed.post blob:image/*';
const CALLBACK_PATH = '/channels/link/bluesky/callback';
const DOCUMENT_PATH = '/channels/link/bluesky/client.json';

export interface BlueskyOauthSettings {
  config: Pick<Config, 'blueskyServiceUrl' | 'blueskyDirectoryUrl' | 'allowPrivateHosts'>;
  publicUrl: string;
  seal: Seal;
}

/** What a client that keeps nothing is given and gives back. */
export interface BlueskyMemory {
  state?: { key: string; saved: NodeSavedState };
  session?: NodeSavedSession;
}

export interface BlueskyOauth {
  /** Null where the server's own address is none that accounts come back to. */
  redirectUri: string | null;
  /** Served at DOCUMENT_PATH; undefined where the client is this machine itself. */
  clientDocument: OAuthClientMetadataInput | undefined;
  /** A client over this memory, which it changes. */
  open(memory: BlueskyMemory, fetch: GuardedFetch): Promise<NodeOAuthClient>;
  refresh(credentials: string | undefined, fetch: GuardedFetch): Promise<RefreshedCredentials>;
}

export function createBlueskyOauth({ config, publicUrl, seal }: BlueskyOauthSettings): BlueskyOauth {
  const redirectUri = redirectUriOf(publicUrl);
  const isPublic = publicUrl.startsWith('https:');
  const jwk = isPublic ? deriveKey(seal) : undefined;
  const clientDocument = jwk && describePublicClient(publicUrl, jwk.publicJwk);
  const open: BlueskyOauth['open'] = async (memory, fetch) => {
    const { NodeOAuthClient, JoseKey } = await import('@atproto/oauth-client-node');
    return new NodeOAuthClient({
      clientMetadata: clientDocument ?? describeLocalClient(redirectUri ?? ''),
      ...(jwk && { keyset: [await JoseKey.fromJWK(jwk.privateJwk)] }),
      handleResolver: config.blueskyServiceUrl,
      plcDirectoryUrl: config.blueskyDirectoryUrl,
      // The guarded fetch says which hosts: by http those that the operator named alone.
      allowHttp: config.allowPrivateHosts.length > 0,
      fetch: adapt(fetch),
      // Ours is the lock of the channel.
      requestLock: (_name, run) => run(),
      stateStore: {
        set: (key, saved) => void (memory.state = { key, saved }),
        get: (key) => (memory.state?.key === key ? memory.state.saved : undefined),
        del: () => void delete memory.state,
      },
      sessionStore: {
        set: (_sub, session) => void (memory.session = session),
        get: () => memory.session,
        del: () => void delete memory.session,
      },
    });
  };
  return {
    redirectUri,
    clientDocument,
    open,
    async refresh(credentials, fetch) {
      const { session } = readBlueskyOauth(credentials);
      const memory: BlueskyMemory = { session: session as unknown as NodeSavedSession };
      try {
        const client = await open(memory, fetch);
        await client.restore(session.tokenSet.sub, true);
        return toBlueskyCredentials(memory);
      } catch (error) {
        throw await explainRefresh(error);
      }
    },
  };
}

/** @throws Error when the client holds no session */
export function toBlueskyCredentials({ session }: BlueskyMemory): RefreshedCredentials {
  if (!session) throw new Error('The client keeps no session.');
  const { aud, expires_at: expiresAt } = session.tokenSet;
  return {
    credentials: JSON.stringify({ kind: 'oauth', serviceUrl: new URL(aud).origin, session }),
    ...(expiresAt && { tokenExpiresAt: new Date(expiresAt) }),
  };
}

/** Only the network's own word that the token is worth nothing ends the link. */
async function explainRefresh(error: unknown): Promise<NetworkError> {
  const { TokenRefreshError, TokenRevokedError, TokenInvalidError } =
    await import('@atproto/oauth-client-node');
  const isRefused = [TokenRefreshError, TokenRevokedError, TokenInvalidError].some(
    (kind) => error instanceof kind,
  );
  if (!isRefused) return toNetworkError(error, 'Bluesky');
  const message = 'The link to the Bluesky account has run out.';
  return new NetworkError('auth_expired', 'token_refused', message, { cause: error });
}

/** Accounts come back by https, or to this very machine by its number: `localhost` is refused there. */
function redirectUriOf(publicUrl: string): string | null {
  const url = new URL(CALLBACK_PATH, publicUrl);
  if (url.hostname === 'localhost') url.hostname = '127.0.0.1';
  const isLocal = url.hostname === '127.0.0.1' || url.hostname === '[::1]';
  return url.protocol === 'https:' || isLocal ? url.href : null;
}

/** https://atproto.com/specs/oauth#localhost-client-development: a client that no document has to describe. */
function describeLocalClient(redirectUri: string): OAuthClientMetadataInput {
  const query = new URLSearchParams({ redirect_uri: redirectUri, scope: BLUESKY_SCOPE });
  return {
    client_id: `http://localhost?${query}`,
    client_name: 'Grantcast',
    redirect_uris: [redirectUri],
    scope: BLUESKY_SCOPE,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    dpop_bound_access_tokens: true,
  };
}

function describePublicClient(publicUrl: string, publicJwk: object): OAuthClientMetadataInput {
  const address = (path: string) => new URL(path, publicUrl).href as `https://${string}`;
  return {
    client_id: address(DOCUMENT_PATH),
    client_name: 'Grantcast',
    client_uri: address('/'),
    redirect_uris: [address(CALLBACK_PATH)],
    scope: BLUESKY_SCOPE,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    application_type: 'web',
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    dpop_bound_access_tokens: true,
    jwks: { keys: [publicJwk] },
  };
}

/** The same in every process of this server, and another with another SECRET_KEY, under which no link would open anyway. */
function deriveKey(seal: Seal): { privateJwk: Record<string, unknown>; publicJwk: object } {
  const d = seal.deriveKey('bluesky client');
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(Buffer.from(d, 'base64url'));
  const point = pair.getPublicKey();
  const coordinate = (start: number) => point.subarray(start, start + 32).toString('base64url');
  const [x, y] = [coordinate(1), coordinate(33)];
  const kid = createHash('sha256').update(point).digest('base64url').slice(0, 16);
  const publicJwk = { kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' };
  return { publicJwk, privateJwk: { kty: 'EC', crv: 'P-256', x, y, d, kid, alg: 'ES256' } };
}

/** The library speaks in Requests. */
function adapt(guardedFetch: GuardedFetch): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const body = request.body ? await request.arrayBuffer() : null;
    const { url, method, headers, signal } = request;
    return guardedFetch(url, { method, headers, body, signal });
  };
}

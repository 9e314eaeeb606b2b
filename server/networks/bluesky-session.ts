// Sessions by app password. Bluesky: https://docs.bsky.app/docs/api/com-atproto-server-create-session (checked 2026-11).
import { z } from 'zod';

import type { GuardedFetch } from '../fetch.ts';
import { callXrpc } from './bluesky-xrpc.ts';
import type { LinkedAccount } from './account-link.ts';
import type { RefreshedCredentials } from './network.ts';
import { NetworkError } from './network-error.ts';

const credentialsSchema = z.object({
  /** The account's own server (PDS): an origin. */
  serviceUrl: z.url(),
  accessJwt: z.string(),
  refreshJwt: z.string(),
});

export type BlueskyCredentials = z.infer<typeof credentialsSchema>;

// People and clients read both, and the server that answers may be anybody's: only what the syntax allows
// (https://atproto.com/specs/did, https://atproto.com/specs/handle), and short enough for an index.
export const did = z
  .string()
  .max(512)
  .regex(/^did:[a-z]+:[\w.:%-]*[\w.-]$/);
export const handle = z
  .string()
  .max(253)
  .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i);

const sessionSchema = z.object({
  did,
  handle,
  accessJwt: z.string().min(1),
  refreshJwt: z.string().min(1),
  didDoc: z.unknown().optional(),
});

const didDocumentSchema = z.object({
  service: z.array(z.object({ id: z.string(), serviceEndpoint: z.url() })),
});

/** In seconds, up to the year 9999: beyond it there is no such time here or in the database. */
const jwtClaims = z.object({ exp: z.number().min(0).max(253_402_300_799) });

export function readBlueskyCredentials(credentials: string | undefined): BlueskyCredentials {
  const parsed = credentialsSchema.safeParse(JSON.parse(credentials ?? 'null'));
  if (parsed.success) return parsed.data;
  throw new NetworkError('auth_expired', 'no_credentials', 'The Bluesky account must be linked again.');
}

/** @throws NetworkError rejected `AuthenticationRequired` for a wrong handle or password */
export async function openBlueskySession(
  fetch: GuardedFetch,
  account: { serviceUrl: string; handle: string; appPassword: string },
  signal: AbortSignal,
): Promise<LinkedAccount> {
  const session = await callXrpc(
    fetch,
    {
      serviceUrl: account.serviceUrl,
      method: 'POST',
      nsid: 'com.atproto.server.createSession',
      body: { identifier: account.handle, password: account.appPassword },
      signal,
    },
    sessionSchema,
  );
  return {
    remoteAccountId: session.did,
    handle: session.handle,
    ...toCredentials(session, account.serviceUrl),
  };
}

/** The refresh token rotates; for a while the one before it is honoured too. */
export async function refreshBlueskySession(
  credentials: string | undefined,
  fetch: GuardedFetch,
  signal: AbortSignal,
): Promise<RefreshedCredentials> {
  const { serviceUrl, refreshJwt } = readBlueskyCredentials(credentials);
  const session = await callXrpc(
    fetch,
    { serviceUrl, method: 'POST', nsid: 'com.atproto.server.refreshSession', token: refreshJwt, signal },
    sessionSchema,
  );
  return toCredentials(session, serviceUrl);
}

function toCredentials(session: z.infer<typeof sessionSchema>, serviceUrl: string): RefreshedCredentials {
  const credentials: BlueskyCredentials = {
    serviceUrl: pdsOf(session.didDoc) ?? serviceUrl,
    accessJwt: session.accessJwt,
    refreshJwt: session.refreshJwt,
  };
  const expiresAt = expiryOf(session.accessJwt);
  return { credentials: JSON.stringify(credentials), ...(expiresAt && { tokenExpiresAt: expiresAt }) };
}

/** The account's server from its DID document: https://atproto.com/specs/did#did-documents */
function pdsOf(didDocument: unknown): string | undefined {
  const parsed = didDocumentSchema.safeParse(didDocument);
  const pds = parsed.data?.service.find(({ id }) => id.endsWith('#atproto_pds'));
  return pds && new URL(pds.serviceEndpoint).origin;
}

function expiryOf(jwt: string): Date | undefined {
  const payload = jwt.split('.')[1];
  if (!payload) return undefined;
  try {
    const { exp } = jwtClaims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
    return new Date(exp * 1000);
  } catch {
    return undefined;
  }
}

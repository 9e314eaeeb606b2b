import { z } from 'zod';

import { invalidInput } from '../errors.ts';
import type { AccountLink, LinkCall, LinkedAccount } from './account-link.ts';
import { readBlueskyAccess } from './bluesky-access.ts';
import {
  BLUESKY_SCOPE,
  toBlueskyCredentials,
  type BlueskyMemory,
  type BlueskyOauth,
} from './bluesky-oauth.ts';
import { did, handle } from './bluesky-session.ts';
import { callXrpc } from './bluesky-xrpc.ts';
import { toNetworkError } from './call-failure.ts';
import { NetworkError } from './network-error.ts';

const memorySchema = z.object({ key: z.string(), saved: z.unknown() });
const ownAccount = z.object({ did, handle });

/** By the account's own pages; the other way is an app password (server/channels/link-channel.ts). */
export function createBlueskyLink(oauth: BlueskyOauth): AccountLink {
  return {
    missingSettings: oauth.redirectUri === null ? ['PUBLIC_URL'] : [],
    needs:
      oauth.redirectUri === null
        ? ['Bluesky comes back to an https address, or to this very machine: PUBLIC_URL must be one.']
        : [],
    asksFor: 'handle',
    clientDocument: oauth.clientDocument,

    async begin({ fetch, signal, answer }) {
      const memory: BlueskyMemory = {};
      const account = readHandle(answer);
      try {
        const client = await oauth.open(memory, fetch);
        const authorizeUrl = await client.authorize(account, { scope: BLUESKY_SCOPE, signal });
        return { authorizeUrl, memory: memory.state, state: memory.state!.key };
      } catch (error) {
        throw await explainBegin(error);
      }
    },

    async finish({ fetch, signal, memory, query }) {
      const state = memorySchema.parse(memory) as NonNullable<BlueskyMemory['state']>;
      const kept: BlueskyMemory = { state };
      const client = await oauth.open(kept, fetch);
      await client.callback(query);
      return [await readAccount(kept, { fetch, signal })];
    },
  };
}

function readHandle(answer: string): string {
  const parsed = handle.safeParse(answer.trim().replace(/^@/, '').toLowerCase());
  if (parsed.success) return parsed.data;
  throw invalidInput({
    code: 'invalid_handle',
    field: 'answer',
    message: 'This is not a Bluesky handle. It looks like name.bsky.social.',
  });
}

/** Nobody of this name is no outage. */
async function explainBegin(error: unknown): Promise<NetworkError> {
  const { OAuthResolverError } = await import('@atproto/oauth-client-node');
  const failure = toNetworkError(error, 'Bluesky');
  if (!(error instanceof OAuthResolverError) || failure.code !== 'no_answer') return failure;
  const message = 'Bluesky knows no account of this handle. Check it for a typing error.';
  return new NetworkError('rejected', 'unknown_handle', message, { cause: error });
}

async function readAccount(
  memory: BlueskyMemory,
  { fetch, signal }: Pick<LinkCall, 'fetch' | 'signal'>,
): Promise<LinkedAccount> {
  const linked = toBlueskyCredentials(memory);
  const call = {
    ...readBlueskyAccess(linked.credentials),
    method: 'GET' as const,
    nsid: 'com.atproto.server.getSession',
    signal,
  };
  const account = await callXrpc(fetch, call, ownAccount);
  const { sub, scope } = memory.session!.tokenSet;
  if (account.did !== sub) {
    throw new NetworkError(
      'rejected',
      'other_account',
      'The server speaks of another account than was linked.',
    );
  }
  return {
    remoteAccountId: account.did,
    handle: account.handle,
    ...linked,
    grantedScopes: scope.split(' '),
  };
}

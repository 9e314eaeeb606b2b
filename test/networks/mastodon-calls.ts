// What the tests of Mastodon share: calls of its connector as the engine and the link pages make them.
import { createGuardedFetch } from '../../server/fetch.ts';
import type { LinkCall, LinkedAccount } from '../../server/networks/account-link.ts';
import { createMastodon } from '../../server/networks/mastodon.ts';
import type { Call, Network, Part, PartMedia, RemoteCall } from '../../server/networks/network.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
import type { FakeMastodon } from '../support/fakes/mastodon/fake-mastodon.ts';
import type { MastodonAccount } from '../support/fakes/mastodon/mastodon-state.ts';
import { pressAuthorize } from '../support/fakes/press-authorize.ts';

export const CALLBACK = 'https://grantcast.example/channels/link/mastodon/callback';

/** @param hosts that may be private */
export function linkCallOf(hosts: readonly string[]): LinkCall & { stored: Map<string, string> } {
  const stored = new Map<string, string>();
  return {
    redirectUri: CALLBACK,
    fetch: createGuardedFetch(hosts),
    signal: AbortSignal.timeout(20_000),
    apps: {
      find: async (server) => stored.get(server) ?? null,
      store: async (server, credentials) => void stored.set(server, credentials),
    },
    stored,
  };
}

/** Through the pages, as a person. */
export async function linkAccount(
  fake: FakeMastodon,
  call = linkCallOf([new URL(fake.url).host]),
): Promise<{ account: LinkedAccount; authorizeUrl: URL }> {
  const link = createMastodon().link!;
  const { authorizeUrl, memory } = await link.begin({ ...call, state: 's1', answer: fake.url });
  const { searchParams: query } = await pressAuthorize(authorizeUrl);
  // As it comes back out of the database.
  const [account] = await link.finish({ ...call, memory: JSON.parse(JSON.stringify(memory)), query });
  return { account: account!, authorizeUrl };
}

/** The connector with a channel of an account there. */
export function openAccount(
  fake: FakeMastodon,
  account: MastodonAccount,
): { network: Network; remote: RemoteCall; callOf(part?: Partial<Part>): Call } {
  const { host } = new URL(fake.url);
  const remote: RemoteCall = {
    channel: {
      channelId: 'channel_1',
      remoteAccountId: `${account.id}@${host}`,
      handle: `${account.username}@${host}`,
      credentials: JSON.stringify({ server: fake.url, accessToken: fake.issueToken(account) }),
      grantedScopes: [],
    },
    fetch: createGuardedFetch([host]),
    signal: AbortSignal.timeout(20_000),
  };
  return {
    network: createMastodon(),
    remote,
    callOf: (part = {}) => ({ ...remote, part: { ...PART, frozenAt: new Date(), ...part } }),
  };
}

const PART: Part = {
  deliveryId: 'delivery_1',
  partNo: 1,
  text: 'Hello',
  key: 'key_1',
  frozenAt: new Date(0),
  media: [],
  prepared: {},
  earlier: [],
};

export function pictureOf(contentHash: string, altText = ''): PartMedia {
  return {
    mimeType: 'image/png',
    width: 1,
    height: 1,
    byteCount: 3,
    contentHash,
    altText,
    storageKey: 'none',
    publicUrl: null,
    read: async () => new Uint8Array([1, 2, 3]),
  };
}

/** What a call ended with, thrown or not. */
export const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => value,
    (error: unknown) => error,
  );

/** The NetworkError that a call must end with. */
export async function caught(promise: Promise<unknown>): Promise<NetworkError> {
  const failure = await failureOf(promise);
  if (failure instanceof NetworkError) return failure;
  throw new Error('it did not end with a NetworkError', { cause: failure });
}

import { createGuardedFetch, type GuardedFetch } from '../../server/fetch.ts';
import type { LinkCall } from '../../server/networks/account-link.ts';
import type { Call, Network, Part, PartMedia, RemoteCall } from '../../server/networks/network.ts';
import type { NetworkAppSettings } from '../../server/network-settings.ts';
import { createX } from '../../server/networks/x.ts';
import { startFakeX, X_SCOPES, type FakeX } from '../support/fakes/x/fake-x.ts';
import type { FakeXAccount } from '../support/fakes/x/x-timeline.ts';

export const REDIRECT_URI = 'https://grantcast.example/channels/link/x';
export const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3, 4]);

/** The connector before its stand-in, without engine and database. */
export interface XBench extends AsyncDisposable {
  fake: FakeX;
  app: NetworkAppSettings;
  network: Network;
  fetch: GuardedFetch;
  linkCall(): LinkCall;
  /** An account with tokens. */
  createAccess(account?: Partial<FakeXAccount>): RemoteCall;
  callOf(access: RemoteCall, part?: Partial<Part>): Call;
}

export async function openXBench(clientSecret: string | null = 'its secret'): Promise<XBench> {
  const fake = await startFakeX();
  const { clientId } = fake.registerApp([REDIRECT_URI], clientSecret);
  const app = { clientId, clientSecret: clientSecret ?? undefined, apiUrl: fake.url, webUrl: fake.url };
  const fetch = createGuardedFetch(['127.0.0.1']);
  const signal = AbortSignal.timeout(60_000);
  return {
    fake,
    app,
    network: createX(app),
    fetch,
    linkCall: () => ({
      redirectUri: REDIRECT_URI,
      fetch,
      signal,
      apps: { find: async () => null, store: async () => undefined },
    }),
    createAccess(given) {
      const account = fake.addAccount(given);
      const { accessToken, refreshToken } = fake.oauth.tokens.issue({
        accountId: account.id,
        clientId,
        scopes: X_SCOPES,
      });
      const channel = {
        channelId: 'channel',
        remoteAccountId: account.id,
        handle: account.username,
        credentials: JSON.stringify({ accessToken, refreshToken }),
        grantedScopes: X_SCOPES,
      };
      return { channel, fetch, signal };
    },
    callOf: (access, part) => ({
      ...access,
      part: {
        deliveryId: 'delivery',
        partNo: 1,
        text: 'Hello',
        key: 'key',
        frozenAt: fake.clock.now(),
        media: [],
        prepared: { mediaIds: [] },
        earlier: [],
        ...part,
      },
    }),
    async [Symbol.asyncDispose]() {
      if (fake.strays.length > 0) throw new Error(`No route took ${fake.strays.join(', ')}`);
      await fetch.close();
      await fake[Symbol.asyncDispose]();
    },
  };
}

export function picture(altText: string, contentHash = 'aa'): PartMedia {
  return {
    mimeType: 'image/png',
    width: 1,
    height: 1,
    byteCount: PNG.length,
    contentHash,
    altText,
    storageKey: 'none',
    publicUrl: null,
    read: async () => PNG,
  };
}

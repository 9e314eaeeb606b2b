// The contract suite's view of the real server. Between it and the connector stands a server that passes everything on, spoils
// what it is told to, and answers for the AppView, which counts and is not here.
import { openCredentials, sealCredentials } from '../../server/channels/credentials.ts';
import { linkBlueskyChannel } from '../../server/channels/link-channel.ts';
import type { Context } from '../../server/context.ts';
import type { PostNumbers } from '../../server/networks/network.ts';
import type { NetworkRig, ShownPost } from '../networks/network-rig.ts';
import { startFakeServer, type FakeAnswer, type FakeRequest } from '../support/fakes/fake-server.ts';
import { startRealPds, type RealAccount, type RealPds } from './real-pds.ts';

const PASSED_ON = ['authorization', 'content-type', 'dpop'];

type Shown = Awaited<ReturnType<Awaited<ReturnType<typeof startRealPds>>['listPosts']>>[number];

export interface BlueskyRig extends NetworkRig {
  pds: RealPds;
  accountOf(channelId: string): RealAccount;
}

export async function startBlueskyRig(): Promise<BlueskyRig> {
  const pds = await startRealPds();
  const accounts = new Map<string, RealAccount>();
  const numbers = new Map<string, Partial<PostNumbers>>();
  let names = 0;

  const passOn = async ({ method, path, query, headers, body }: FakeRequest): Promise<FakeAnswer> => {
    const url = new URL(path, pds.url);
    url.search = query.toString();
    const kept = PASSED_ON.flatMap((name) => (headers.has(name) ? [[name, headers.get(name)!]] : []));
    const answer = await fetch(url, {
      method,
      headers: Object.fromEntries(kept),
      body: method === 'POST' ? body : null,
    });
    const type = answer.headers.get('content-type');
    return {
      status: answer.status,
      ...(type && { headers: { 'content-type': type } }),
      body: await answer.text(),
    };
  };
  const proxy = await startFakeServer((request) => {
    if (request.path === '/xrpc/app.bsky.feed.getPosts') return count(request);
    if (request.path === '/xrpc/app.bsky.actor.getProfile') {
      return { status: 200, body: { did: request.query.get('actor'), followersCount: 4, postsCount: 2 } };
    }
    return request.path.startsWith('/xrpc/') ? passOn(request) : undefined;
  });
  const count = ({ query }: FakeRequest): FakeAnswer => {
    const posts = query.getAll('uris').map((uri) => {
      const { likes, comments, shares } = numbers.get(uri) ?? {};
      return {
        uri,
        likeCount: likes ?? 0,
        replyCount: comments ?? 0,
        repostCount: shares ?? 0,
        quoteCount: 0,
      };
    });
    return { status: 200, body: { posts } };
  };
  const accountOf = (channelId: string) => accounts.get(channelId)!;
  const publishes = (channelId: string) => (request: FakeRequest) =>
    request.path.endsWith('.putRecord') && request.body.includes(accountOf(channelId).did);

  return {
    pds,
    accountOf,
    settings: {},
    async createChannel(context, team) {
      names += 1;
      const account = await pds.createAccount(`contract${names}`);
      const { handle, appPassword } = account;
      const input = { handle, appPassword, serviceUrl: pds.url };
      const { channelId } = await linkBlueskyChannel(context, team.caller, input);
      accounts.set(channelId, account);
      await changeCredentials(context, channelId, { serviceUrl: proxy.url });
      return channelId;
    },
    shownPosts: async (channelId) =>
      (await pds.listPosts(accountOf(channelId).did)).map(toShown).toReversed(),
    failNextPublish: (channelId, fault) => proxy.failNext(publishes(channelId), fault),
    limitNextPublish: (channelId, seconds) => {
      const reset = Math.ceil(Date.now() / 1000) + seconds;
      proxy.failNext(publishes(channelId), {
        status: 429,
        headers: { 'ratelimit-limit': '5000', 'ratelimit-remaining': '0', 'ratelimit-reset': String(reset) },
        body: { error: 'RateLimitExceeded', message: 'Rate Limit Exceeded' },
      });
    },
    lagNextRead: (channelId) => {
      const isRead = ({ path, query }: FakeRequest) =>
        path.endsWith('.getRecord') && query.get('repo') === accountOf(channelId).did;
      const body = { error: 'RecordNotFound', message: 'Could not locate record' };
      proxy.failNext(isRead, { status: 400, body });
    },
    expireToken: (context, channelId) =>
      changeCredentials(context, channelId, { accessJwt: pds.signExpiredToken(accountOf(channelId).did) }),
    async revokeAccess(context, channelId) {
      const account = accountOf(channelId);
      await changeCredentials(context, channelId, { accessJwt: pds.signExpiredToken(account.did) });
      await pds.revokeAppPassword(account);
    },
    setNumbers: (_channelId, remoteId, told) => void numbers.set(remoteId, told),
    strays: () => proxy.strays,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await pds[Symbol.asyncDispose]();
    },
  };
}

function toShown({ uri, value }: Shown): ShownPost {
  const { text, reply, embed } = value as {
    text: string;
    reply?: { parent: { uri: string } };
    embed?: { images: { alt: string; image: { size: number } }[] };
  };
  return {
    remoteId: uri,
    text,
    replyTo: reply?.parent.uri ?? null,
    pictures: (embed?.images ?? []).map(({ alt, image }) => ({ altText: alt, byteCount: image.size })),
  };
}

export async function changeCredentials(
  context: Context,
  channelId: string,
  change: Record<string, string>,
): Promise<void> {
  const channel = await context.db.channel.findUniqueOrThrow({ where: { id: channelId } });
  const key = { teamId: channel.teamId, channelId };
  const credentials = JSON.parse(openCredentials(context, key, channel.credentials)!) as object;
  const sealed = sealCredentials(context, key, JSON.stringify({ ...credentials, ...change }));
  await context.db.channel.update({ where: { id: channelId }, data: { credentials: sealed } });
}

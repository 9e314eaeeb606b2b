import { sealCredentials } from '../../server/channels/credentials.ts';
import { newId } from '../../server/ids.ts';
import type { FakeRequest } from '../support/fakes/fake-server.ts';
import { startFakeX, X_SCOPES, type FakeX } from '../support/fakes/x/fake-x.ts';
import type { NetworkRig } from './network-rig.ts';

const CLIENT_SECRET = 'a secret that X gave';

/** The stand-in for X, with an app that it knows. */
export async function startXRig(): Promise<NetworkRig & { fake: FakeX }> {
  const fake = await startFakeX();
  const app = fake.registerApp(['http://127.0.0.1:3000/channels/link/x'], CLIENT_SECRET);
  const accountOf = new Map<string, string>();
  const isPublishing = (channelId: string) => (request: FakeRequest) => {
    const token = request.headers.get('authorization')?.replace(/^Bearer /, '') ?? '';
    const grant = fake.oauth.tokens.find(token);
    const isOwn = typeof grant === 'object' && grant.accountId === accountOf.get(channelId);
    return isOwn && request.method === 'POST' && request.path === '/2/tweets';
  };

  return {
    fake,
    settings: {
      X_CLIENT_ID: app.clientId,
      X_CLIENT_SECRET: CLIENT_SECRET,
      X_API_URL: fake.url,
      X_WEB_URL: fake.url,
    },
    async createChannel(context, { team: { id: teamId } }) {
      const account = fake.addAccount();
      const { accessToken, refreshToken, expiresAt } = fake.oauth.tokens.issue({
        accountId: account.id,
        clientId: app.clientId,
        scopes: X_SCOPES,
      });
      const channelId = newId('channel');
      const credentials = JSON.stringify({ accessToken, refreshToken });
      await context.db.channel.create({
        data: {
          id: channelId,
          teamId,
          network: 'x',
          handle: account.username,
          remoteAccountId: account.id,
          credentials: sealCredentials(context, { teamId, channelId }, credentials),
          tokenExpiresAt: expiresAt,
          grantedScopes: X_SCOPES,
        },
      });
      accountOf.set(channelId, account.id);
      return channelId;
    },
    async shownPosts(channelId) {
      return fake.timeline.listOf(accountOf.get(channelId)!).map(({ id, text, replyTo, pictures }) => ({
        remoteId: id,
        text,
        replyTo,
        pictures: pictures.map(({ altText, byteCount }) => ({ altText, byteCount })),
      }));
    },
    failNextPublish: (channelId, fault) => fake.failNext(isPublishing(channelId), fault),
    limitNextPublish: (channelId, seconds) =>
      fake.limits.exhaustNext(accountOf.get(channelId)!, 'createPost', seconds, 'user'),
    lagNextRead: (channelId) => {
      const path = `/2/users/${accountOf.get(channelId)!}/tweets`;
      const body = { meta: { result_count: 0 } };
      fake.failNext((request) => request.method === 'GET' && request.path === path, { status: 200, body });
    },
    expireToken: async (_context, channelId) => fake.oauth.tokens.expireAccess(accountOf.get(channelId)!),
    revokeAccess: async (_context, channelId) => fake.oauth.tokens.revokeAccount(accountOf.get(channelId)!),
    setNumbers(_channelId, remoteId, { views, likes, comments, shares }) {
      const told = {
        impression_count: views,
        like_count: likes,
        reply_count: comments,
        repost_count: shares,
      };
      for (const [name, count] of Object.entries(told)) {
        if (typeof count === 'number') fake.timeline.find(remoteId)!.metrics[name] = count;
      }
    },
    strays: () => fake.strays,
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  };
}

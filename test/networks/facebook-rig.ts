import { sealCredentials } from '../../server/channels/credentials.ts';
import { newId } from '../../server/ids.ts';
import { FACEBOOK_VERSION, startFakeFacebook, type FakePage } from '../support/fakes/meta/fake-facebook.ts';
import type { FakeRequest } from '../support/fakes/fake-server.ts';
import type { NetworkRig } from './network-rig.ts';

const REDIRECT_URI = 'http://127.0.0.1:3000/channels/callback';

export async function startFacebookRig(): Promise<NetworkRig> {
  const fake = await startFakeFacebook(REDIRECT_URI);
  const pages = new Map<string, FakePage>();
  const pageOf = (channelId: string) => pages.get(channelId)!;
  /** The one call that makes a post public. */
  const publishes = (channelId: string) => (request: FakeRequest) =>
    request.method === 'POST' && request.path.startsWith(`/${FACEBOOK_VERSION}/${pageOf(channelId).id}_`);

  return {
    settings: {
      FACEBOOK_APP_ID: fake.app.clientId,
      FACEBOOK_APP_SECRET: fake.app.clientSecret!,
      FACEBOOK_API_URL: fake.url,
      FACEBOOK_WEB_URL: fake.url,
      META_GRAPH_VERSION: FACEBOOK_VERSION,
    },
    async createChannel(context, team) {
      const page = fake.addPage('person-1');
      const [id, teamId] = [newId('channel'), team.team.id];
      const credentials = JSON.stringify({ token: page.token });
      await context.db.channel.create({
        data: {
          id,
          teamId,
          network: 'facebook',
          handle: page.name,
          remoteAccountId: page.id,
          grantedScopes: ['pages_show_list', 'pages_manage_posts', 'pages_read_engagement', 'read_insights'],
          credentials: sealCredentials(context, { teamId, channelId: id }, credentials),
        },
      });
      pages.set(id, page);
      return id;
    },
    shownPosts: async (channelId) =>
      [...fake.posts.values()]
        .filter(({ pageId, isPublished }) => pageId === pageOf(channelId).id && isPublished)
        .map(({ id, message, photoIds }) => ({
          remoteId: id,
          text: message,
          replyTo: null,
          pictures: photoIds.map((photoId) => fake.photos.get(photoId)!),
        })),
    failNextPublish: (channelId, fault) => fake.failNext(publishes(channelId), fault),
    limitNextPublish: (channelId, seconds) => {
      const minutes = Math.ceil(seconds / 60);
      const usage = { [pageOf(channelId).id]: [{ type: 'pages', estimated_time_to_regain_access: minutes }] };
      fake.failNext(publishes(channelId), {
        status: 400,
        headers: { 'x-business-use-case-usage': JSON.stringify(usage) },
        body: { error: { message: '(#32) Page request limit reached', type: 'OAuthException', code: 32 } },
      });
    },
    lagNextRead: (channelId) => {
      const isRead = ({ method, path }: FakeRequest) =>
        method === 'GET' && path.startsWith(`/${FACEBOOK_VERSION}/${pageOf(channelId).id}_`);
      fake.failNext(isRead, { status: 200, body: { is_published: false } });
    },
    expireToken: async (_context, channelId) => {
      pageOf(channelId).isExpired = true;
    },
    revokeAccess: async (_context, channelId) => {
      pageOf(channelId).isRevoked = true;
    },
    setNumbers: (_channelId, remoteId, numbers) => {
      fake.posts.get(remoteId)!.numbers = numbers;
    },
    strays: () => fake.strays,
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  };
}

import { sealCredentials } from '../../server/channels/credentials.ts';
import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { readHtmlText } from '../../server/networks/mastodon-text.ts';
import type { PublishingTeam } from '../publishing/fixtures.ts';
import type { FakeRequest } from '../support/fakes/fake-server.ts';
import {
  startFakeMastodon,
  type FakeMastodon,
  type TraitsInput,
} from '../support/fakes/mastodon/fake-mastodon.ts';
import { statusEntity } from '../support/fakes/mastodon/mastodon-entities.ts';
import { limitHeaders } from '../support/fakes/mastodon/mastodon-rate-limits.ts';
import type { MastodonAccount } from '../support/fakes/mastodon/mastodon-state.ts';
import type { NetworkRig } from './network-rig.ts';

const SCOPES = ['read:accounts', 'read:statuses', 'write:statuses', 'write:media'];

export interface MastodonRig extends NetworkRig {
  fake: FakeMastodon;
  accountOf(channelId: string): MastodonAccount;
}

/** @param traits where the server is not one of today */
export async function startMastodonRig(traits: TraitsInput = {}): Promise<MastodonRig> {
  const fake = await startFakeMastodon(traits);
  const accounts = new Map<string, MastodonAccount>();
  const accountOf = (channelId: string) => accounts.get(channelId)!;
  const isPublishing = (channelId: string) => (request: FakeRequest) =>
    request.method === 'POST' &&
    request.path === '/api/v1/statuses' &&
    fake.accountOf(request) === accountOf(channelId).id;
  const statusesOf = (channelId: string) =>
    fake.state.statuses.filter(({ accountId }) => accountId === accountOf(channelId).id);
  return {
    fake,
    accountOf,
    settings: { ALLOW_PRIVATE_HOSTS: new URL(fake.url).host },
    async createChannel(context, team) {
      const account = fake.addAccount(`alice_${accounts.size + 1}`);
      const channelId = await storeChannel(context, team, fake, account);
      accounts.set(channelId, account);
      return channelId;
    },
    shownPosts: async (channelId) =>
      statusesOf(channelId).map((status) => ({
        remoteId: status.id,
        text: readHtmlText(statusEntity(fake.state, status).content.replaceAll('</p><p>', '\n\n')).trimEnd(),
        replyTo: status.inReplyToId,
        pictures: status.mediaIds.map((id) => {
          const { description, bytes } = fake.state.media.get(id)!;
          return { altText: description ?? '', byteCount: bytes.length };
        }),
      })),
    failNextPublish: (channelId, fault) => fake.server.failNext(isPublishing(channelId), fault),
    limitNextPublish: (channelId, seconds) => {
      const now = fake.server.clock.now();
      const headers = limitHeaders(now, new Date(now.getTime() + seconds * 1000));
      const body = { error: 'Too many requests' };
      fake.server.failNext(isPublishing(channelId), { status: 429, headers, body });
    },
    lagNextRead: (channelId) => {
      const isRead = ({ method, path }: FakeRequest) =>
        method === 'GET' && path === `/api/v1/accounts/${accountOf(channelId).id}/statuses`;
      fake.server.failNext(isRead, { status: 200, body: [] });
    },
    // Tokens do not end by themselves, so both are the same.
    expireToken: async (_context, channelId) =>
      fake.pages.oauth.tokens.revokeAccount(accountOf(channelId).id),
    revokeAccess: async (_context, channelId) =>
      fake.pages.oauth.tokens.revokeAccount(accountOf(channelId).id),
    setNumbers: (channelId, remoteId, { likes, comments, shares }) => {
      const { counts } = statusesOf(channelId).find(({ id }) => id === remoteId)!;
      counts.favourites = likes ?? counts.favourites;
      counts.replies = comments ?? counts.replies;
      counts.reblogs = shares ?? counts.reblogs;
    },
    strays: () => fake.server.strays,
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  };
}

async function storeChannel(
  context: Context,
  team: PublishingTeam,
  fake: FakeMastodon,
  account: MastodonAccount,
): Promise<string> {
  const [id, teamId] = [newId('channel'), team.team.id];
  const { host } = new URL(fake.url);
  const credentials = JSON.stringify({ server: fake.url, accessToken: fake.issueToken(account, SCOPES) });
  await context.db.channel.create({
    data: {
      id,
      teamId,
      network: 'mastodon',
      handle: `${account.username}@${host}`,
      remoteAccountId: `${account.id}@${host}`,
      credentials: sealCredentials(context, { teamId, channelId: id }, credentials),
      grantedScopes: SCOPES,
    },
  });
  return id;
}

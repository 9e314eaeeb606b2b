import { sealCredentials } from '../../server/channels/credentials.ts';
import { newId } from '../../server/ids.ts';
import type { FakeRequest } from '../support/fakes/fake-server.ts';
import { startFakeLinkedin, type FakeLinkedin } from '../support/fakes/linkedin/fake-linkedin.ts';
import { refuseForNow } from '../support/fakes/linkedin/linkedin-errors.ts';
import { parseLittleText } from '../support/fakes/linkedin/little-text-parser.ts';
import type { NetworkRig } from './network-rig.ts';

const MEMBER_SCOPES = ['openid', 'profile', 'w_member_social', 'r_member_postAnalytics'];
const ORGANIZATION_SCOPES = ['w_organization_social', 'r_organization_social', 'rw_organization_admin'];

export interface LinkedinRig extends NetworkRig {
  fake: FakeLinkedin;
  /** The urn that the channel posts as. */
  authorOf(channelId: string): string;
}

/** Channels of members, or of organisations that a new member administers. */
export async function startLinkedinRig(kind: 'member' | 'organization'): Promise<LinkedinRig> {
  const fake = await startFakeLinkedin();
  const app = fake.oauth.registerApp({
    redirectUris: [],
    scopes: [...MEMBER_SCOPES, ...ORGANIZATION_SCOPES],
  });
  const accounts = new Map<string, { accountId: string; author: string }>();
  const authorOf = (channelId: string) => accounts.get(channelId)!.author;
  const isPublishing = (author: string) => (request: FakeRequest) =>
    request.method === 'POST' &&
    request.path === '/rest/posts' &&
    (JSON.parse(request.body.toString()) as { author?: string }).author === author;

  return {
    fake,
    authorOf,
    settings: {
      LINKEDIN_CLIENT_ID: app.clientId,
      LINKEDIN_CLIENT_SECRET: app.clientSecret!,
      LINKEDIN_ORGANIZATIONS: 'true',
      LINKEDIN_API_URL: fake.url,
      LINKEDIN_WEB_URL: fake.url,
    },
    async createChannel(context, team) {
      const id = newId('channel');
      const teamId = team.team.id;
      const member = fake.addMember(`Ada ${id.slice(-4)}`);
      const author = kind === 'member' ? member.urn : fake.addOrganization('Acme', member.urn);
      const grantedScopes = kind === 'member' ? MEMBER_SCOPES : [...MEMBER_SCOPES, ...ORGANIZATION_SCOPES];
      const grant = { accountId: member.accountId, clientId: app.clientId, scopes: grantedScopes };
      const { accessToken, expiresAt } = fake.oauth.tokens.issue(grant);
      const credentials = sealCredentials(
        context,
        { teamId, channelId: id },
        JSON.stringify({ accessToken }),
      );
      await context.db.channel.create({
        data: {
          ...{ id, teamId, network: 'linkedin', handle: 'Ada', remoteAccountId: author },
          ...{ credentials, tokenExpiresAt: expiresAt, grantedScopes },
        },
      });
      accounts.set(id, { accountId: member.accountId, author });
      return id;
    },
    async shownPosts(channelId) {
      const posts = fake.state.posts.filter(
        ({ author, isDeleted }) => author === authorOf(channelId) && !isDeleted,
      );
      return posts.map(({ id, commentary, images }) => ({
        remoteId: id,
        text: parseLittleText(commentary).text,
        replyTo: null,
        pictures: images.map((image) => ({
          altText: image.altText,
          byteCount: fake.state.images.get(image.id)!.byteCount,
        })),
      }));
    },
    failNextPublish: (channelId, fault) => fake.failNext(isPublishing(authorOf(channelId)), fault),
    // LinkedIn never says for how long.
    limitNextPublish: (channelId) => fake.failNext(isPublishing(authorOf(channelId)), refuseForNow(null)),
    lagNextRead: (channelId) => {
      const isRead = ({ method, path, query }: FakeRequest) =>
        method === 'GET' && path === '/rest/posts' && query.get('author') === authorOf(channelId);
      const body = { paging: { start: 0, count: 50, links: [] }, elements: [] };
      fake.failNext(isRead, { status: 200, body });
    },
    async expireToken(_context, channelId) {
      fake.oauth.tokens.expireAccess(accounts.get(channelId)!.accountId);
    },
    async revokeAccess(_context, channelId) {
      fake.oauth.tokens.revokeAccount(accounts.get(channelId)!.accountId);
    },
    setNumbers(_channelId, remoteId, { views, likes, comments, shares, clicks }) {
      fake.state.numbers.set(remoteId, {
        impressionCount: views ?? 0,
        likeCount: likes ?? 0,
        commentCount: comments ?? 0,
        shareCount: shares ?? 0,
        clickCount: clicks ?? 0,
      });
    },
    strays: () => fake.strays,
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  };
}

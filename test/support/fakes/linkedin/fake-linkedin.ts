// LinkedIn as far as linking, publishing and measuring need it, as strict as its documentation: versions, Rest.li headers,
// tokens and scopes, the fields of a post, little text, pictures, duplicates, days that end at midnight UTC. Judged by the
// documentation's own examples (examples/*.json, test/networks/linkedin-examples.test.ts).
import { createFakeOauth, type FakeOauth } from '../fake-oauth.ts';
import { startFakeServer, type FakeAnswer, type FakeRequest, type FakeServer } from '../fake-server.ts';
import { identifyCaller } from './linkedin-access.ts';
import { refuse, refuseVersion, TOKEN_REFUSALS } from './linkedin-errors.ts';
import { getImage, initializeUpload, takeUpload } from './linkedin-images.ts';
import { createPost, deletePost, findPosts, getPost } from './linkedin-posts.ts';
import { emptyState, type LinkedinState } from './linkedin-state.ts';
import {
  getOrganization,
  memberStatistics,
  networkSize,
  organizationAcls,
  shareStatistics,
} from './linkedin-statistics.ts';

const TOKEN_SECONDS = 60 * 86_400;
const REFRESH_SECONDS = 365 * 86_400;
const DAY_MS = 86_400_000;

export interface FakeLinkedin extends FakeServer {
  oauth: FakeOauth;
  state: LinkedinState;
  /** @returns the id to sign in with, and the urn */
  addMember(name: string): { accountId: string; urn: string };
  /** @returns its urn */
  addOrganization(name: string, administrator: string): string;
  /** Calls of this author are refused until midnight UTC. */
  throttleUntilMidnight(author: string): void;
  /** New tokens are called revoked for so long. */
  tokenDelaySeconds: number;
}

/** @param isPartner true: refresh tokens are given, good for a year from the consent */
export async function startFakeLinkedin({ isPartner = false } = {}): Promise<FakeLinkedin> {
  const state = emptyState();
  const issuedAt = new Map<string, Date>();
  const oauth = createFakeOauth({
    authorizePath: '/oauth/v2/authorization',
    tokenPath: '/oauth/v2/accessToken',
    revokePath: '/oauth/v2/revoke',
    pkce: 'unsupported',
    clientAuth: ['post'],
    codeLifetimeSeconds: 30 * 60,
    accessLifetimeSeconds: TOKEN_SECONDS,
    refresh: isPartner ? 'reusable' : 'none',
    refreshLifetimeSeconds: REFRESH_SECONDS,
    shapeTokens({ accessToken, refreshToken, scopes }, now) {
      issuedAt.set(accessToken, now);
      return {
        access_token: accessToken,
        expires_in: TOKEN_SECONDS,
        ...(refreshToken && { refresh_token: refreshToken, refresh_token_expires_in: REFRESH_SECONDS }),
        scope: scopes.join(','),
      };
    },
  });

  const answerApi = (request: FakeRequest, now: Date): FakeAnswer | undefined => {
    const { headers, path } = request;
    const token = /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1];
    if (!token) return refuse(401, 'EMPTY_ACCESS_TOKEN', 'Empty oauth2_access_token', 401);
    const grant = oauth.tokens.find(token);
    if (typeof grant === 'string') return TOKEN_REFUSALS[grant];
    const usableAt = (issuedAt.get(token)?.getTime() ?? 0) + fake.tokenDelaySeconds * 1000;
    if (now.getTime() < usableAt) return TOKEN_REFUSALS.revoked;
    if (path.startsWith('/dms-uploads/')) return takeUpload(state, request, now);
    if (path === '/v2/userinfo') {
      const { urn, name } = state.members.get(grant.accountId)!;
      return {
        status: 200,
        body: { sub: urn.split(':').at(-1), name, locale: { country: 'US', language: 'en' } },
      };
    }
    const version = headers.get('linkedin-version');
    if (version === null || !isActive(version, now)) return refuseVersion(version);
    if (headers.get('x-restli-protocol-version') !== '2.0.0') {
      return refuse(400, 'ILLEGAL_ARGUMENT', 'Invalid query parameters passed to request');
    }
    return routeRest(request, identifyCaller(state, grant), now);
  };

  const routeRest = (
    request: FakeRequest,
    caller: ReturnType<typeof identifyCaller>,
    now: Date,
  ): FakeAnswer | undefined => {
    const [, , resource = '', key] = request.path.split('/');
    const id = decodeURIComponent(key ?? '');
    // An entity's urn is one piece of the path: what is not encoded is another resource.
    if (key !== undefined && id !== '' && key.includes(':')) return undefined;
    switch (`${request.method} ${resource}${key === undefined ? '' : '/'}`) {
      case 'POST posts':
        return createPost(state, request, caller, now);
      case 'GET posts':
        return findPosts(state, request, caller);
      case 'GET posts/':
        return getPost(state, id, caller);
      case 'DELETE posts/':
        return deletePost(state, id, caller);
      case 'POST images':
        return initializeUpload(state, request, caller, { now, url: fake.url });
      case 'GET images/':
        return getImage(state, id, caller, now);
      case 'GET organizationAcls':
        return organizationAcls(state, request, caller);
      case 'GET organizations/':
        return getOrganization(state, id, caller);
      case 'GET networkSizes/':
        return networkSize(state, id, request, caller);
      case 'GET organizationalEntityShareStatistics':
        return shareStatistics(state, request, caller);
      case 'GET memberCreatorPostAnalytics':
        return memberStatistics(state, request, caller);
      default:
        return undefined;
    }
  };

  const server = await startFakeServer((request, clock) => {
    if (request.path.startsWith('/oauth/')) return oauth.handle(request, clock);
    const isUpload = request.method === 'PUT' && request.path.startsWith('/dms-uploads/');
    const isApi = request.path.startsWith('/rest/') || request.path === '/v2/userinfo' || isUpload;
    return isApi ? answerApi(request, clock.now()) : undefined;
  });
  const fake: FakeLinkedin = Object.assign(server, {
    oauth,
    state,
    tokenDelaySeconds: 0,
    addMember(name: string) {
      const accountId = `member${state.members.size + 1}`;
      const urn = `urn:li:person:aB-_${accountId}`;
      state.members.set(accountId, { urn, name });
      oauth.addAccount({ accountId, name });
      return { accountId, urn };
    },
    addOrganization(name: string, administrator: string) {
      const urn = `urn:li:organization:${2_414_183 + state.organizations.size}`;
      state.organizations.set(urn, { name, administrators: new Set([administrator]), followers: 1234 });
      return urn;
    },
    throttleUntilMidnight(author: string) {
      const now = server.clock.now().getTime();
      state.throttledUntil.set(author, new Date((Math.floor(now / DAY_MS) + 1) * DAY_MS));
    },
  });
  return fake;
}

/** From its month on, for a year: https://learn.microsoft.com/en-us/linkedin/marketing/versioning */
function isActive(version: string, now: Date): boolean {
  if (!/^20\d{2}(0[1-9]|1[0-2])$/.test(version)) return false;
  const month = Number(version.slice(0, 4)) * 12 + Number(version.slice(4)) - 1;
  const current = now.getUTCFullYear() * 12 + now.getUTCMonth();
  return month <= current && month > current - 12;
}

// A Mastodon server, from https://docs.joinmastodon.org (checked 2026-11-21): test/networks/mastodon-fake.test.ts holds it to the
// examples there and to a client that somebody else wrote.
import { randomUUID } from 'node:crypto';

import { startFakeServer, type FakeAnswer, type FakeRequest, type FakeServer } from '../fake-server.ts';
import { credentialAccountEntity, instanceEntity, instanceV1Entity } from './mastodon-entities.ts';
import { showMedia, updateMedia, uploadMedia } from './mastodon-media.ts';
import { createMastodonPages, type MastodonPages } from './mastodon-pages.ts';
import { readParameters } from './mastodon-parameters.ts';
import { keepRateLimits } from './mastodon-rate-limits.ts';
import {
  refuse,
  TRAITS,
  type MastodonAccount,
  type MastodonRequest,
  type MastodonState,
  type MastodonTraits,
} from './mastodon-state.ts';
import { createStatus, deleteStatus, listStatuses, showStatus, showStatuses } from './mastodon-statuses.ts';

export interface FakeMastodon extends AsyncDisposable {
  url: string;
  server: FakeServer;
  state: MastodonState;
  pages: MastodonPages;
  addAccount(username: string): MastodonAccount;
  /** A token as the pages give it, without going through them. */
  issueToken(account: MastodonAccount, scopes?: readonly string[]): string;
  accountOf(request: FakeRequest): string | undefined;
}

interface Route {
  method: string;
  /** `:id` stands for one. */
  path: string;
  scopes: readonly string[];
  answer(asked: MastodonRequest, id: string): FakeAnswer | Promise<FakeAnswer>;
}

const ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v1/accounts/verify_credentials',
    scopes: ['profile', 'read', 'read:accounts'],
    answer: ({ state, account }) => ({ status: 200, body: credentialAccountEntity(state, account) }),
  },
  {
    method: 'GET',
    path: '/api/v1/accounts/:id/statuses',
    scopes: ['read', 'read:statuses'],
    answer: listStatuses,
  },
  { method: 'POST', path: '/api/v2/media', scopes: ['write', 'write:media'], answer: uploadMedia },
  { method: 'GET', path: '/api/v1/media/:id', scopes: ['write', 'write:media'], answer: showMedia },
  { method: 'PUT', path: '/api/v1/media/:id', scopes: ['write', 'write:media'], answer: updateMedia },
  { method: 'POST', path: '/api/v1/statuses', scopes: ['write', 'write:statuses'], answer: createStatus },
  { method: 'GET', path: '/api/v1/statuses', scopes: ['read', 'read:statuses'], answer: showStatuses },
  { method: 'GET', path: '/api/v1/statuses/:id', scopes: ['read', 'read:statuses'], answer: showStatus },
  {
    method: 'DELETE',
    path: '/api/v1/statuses/:id',
    scopes: ['write', 'write:statuses'],
    answer: deleteStatus,
  },
];

export type TraitsInput = Partial<Omit<MastodonTraits, 'limits'>> & {
  limits?: Partial<MastodonTraits['limits']>;
};

/** @param traits where it is not a server of today */
export async function startFakeMastodon(traits: TraitsInput = {}): Promise<FakeMastodon> {
  let sequence = 0;
  const state: MastodonState = {
    url: '',
    traits: { ...TRAITS, ...traits, limits: { ...TRAITS.limits, ...traits.limits } },
    accounts: new Map(),
    media: new Map(),
    statuses: [],
    keys: new Map(),
    clock: { now: () => new Date(), moveBy: () => undefined },
    newId: () => {
      sequence += 1;
      if (state.traits.ids === 'uuid') return randomUUID();
      return String((BigInt(state.clock.now().getTime()) << 16n) + BigInt(sequence));
    },
    complain: (what) => server.strays.push(what),
  };
  const pages = createMastodonPages(state);
  const server = await startFakeServer(async (request) => {
    const answer = (await pages.handle(request)) ?? showInstance(state, request) ?? (await signedIn(request));
    if (answer) return answer;
    state.complain(`${request.method} ${request.path}`);
    return { status: 404, body: '<h1>The page you are looking for is not here.</h1>' };
  });
  state.url = server.url;
  state.clock = server.clock;
  const limits = keepRateLimits(server.clock);

  const signedIn = async (request: FakeRequest): Promise<FakeAnswer | undefined> => {
    for (const route of ROUTES) {
      const id = route.method === request.method ? idIn(route.path, request.path) : undefined;
      if (id !== undefined) return takeSignedIn(request, route, id);
    }
    return undefined;
  };

  const takeSignedIn = async (request: FakeRequest, route: Route, id: string): Promise<FakeAnswer> => {
    const grant = pages.oauth.tokens.find(tokenOf(request));
    if (grant === 'revoked') return refuse(401, 'The access token was revoked');
    if (typeof grant === 'string') return refuse(401, 'The access token is invalid');
    const account = state.accounts.get(grant.accountId)!;
    const { headers, refusal } = limits.take(request, account.id);
    if (refusal) return refusal;
    if (!grant.scopes.some((scope) => route.scopes.includes(scope))) {
      return refuse(403, 'This action is outside the authorized scopes');
    }
    if (account.isDisabled) return refuse(403, 'Your login is currently disabled');
    const appName = pages.appNames.get(grant.clientId) ?? 'Web';
    const parameters = await readParameters(request);
    const answer = await route.answer({ state, account, appName, request, parameters }, id);
    return { ...answer, headers: { ...headers, ...answer.headers } };
  };

  return {
    url: server.url,
    server,
    state,
    pages,
    addAccount: (username) => {
      const account = { id: state.newId(), username, followersCount: 3, isDisabled: false };
      state.accounts.set(account.id, account);
      pages.oauth.addAccount({ accountId: account.id, name: username });
      return account;
    },
    issueToken: ({ id: accountId }, scopes = ['read', 'write']) =>
      pages.oauth.tokens.issue({ accountId, clientId: 'web', scopes }).accessToken,
    accountOf: (request) => {
      const grant = pages.oauth.tokens.find(tokenOf(request));
      return typeof grant === 'string' ? undefined : grant.accountId;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function showInstance(state: MastodonState, { method, path }: FakeRequest): FakeAnswer | undefined {
  if (method !== 'GET') return undefined;
  if (path === '/api/v1/instance') return { status: 200, body: instanceV1Entity(state) };
  if (path !== '/api/v2/instance') return undefined;
  return state.traits.hasInstanceV2
    ? { status: 200, body: instanceEntity(state) }
    : { status: 404, body: '<h1>The page you are looking for is not here.</h1>' };
}

function idIn(pattern: string, path: string): string | undefined {
  if (pattern === path) return '';
  const [before, after] = pattern.split(':id');
  if (after === undefined || !path.startsWith(before!) || !path.endsWith(after)) return undefined;
  const id = path.slice(before!.length, path.length - after.length);
  return /^[^/]+$/.test(id) ? id : undefined;
}

const tokenOf = ({ headers }: FakeRequest) =>
  /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1] ?? '';

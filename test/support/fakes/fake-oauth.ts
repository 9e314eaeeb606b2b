// The OAuth pages and token endpoint that the stand-ins share (RFC 6749, 7009, 7636), as strict as the networks are: what a
// network does differently, it says by its rules. Judged by test/networks/fake-oauth.test.ts.
import { createHash, randomBytes } from 'node:crypto';
import { authorizePage, refusalPage } from './fake-oauth-page.ts';
import { keepFakeTokens, type FakeTokens, type IssuedTokens, type TokenRules } from './fake-oauth-tokens.ts';
import { readForm, type FakeAnswer, type FakeClock, type FakeRequest } from './fake-server.ts';

export interface FakeApp {
  clientId: string;
  /** Null: a public client. */
  clientSecret: string | null;
  redirectUris: readonly string[];
  /** Other scopes are refused. */
  scopes: readonly string[];
}

export interface FakeOauthRules extends TokenRules {
  authorizePath: string;
  tokenPath: string;
  revokePath?: string;
  /** Not supported: the parameters are ignored, as the networks do that know nothing of them. */
  pkce: 'required' | 'optional' | 'unsupported';
  /** How clients may authenticate at the token endpoint. */
  clientAuth: readonly ('basic' | 'post' | 'public')[];
  /** 60 unless told. */
  codeLifetimeSeconds?: number;
  /** Between scopes in a request; a blank unless told. */
  scopeSeparator?: ' ' | ',';
  /** The body of a token answer; RFC 6749 5.1 unless told. */
  shapeTokens?(tokens: IssuedTokens, now: Date): unknown;
  /** The body of a refusal; RFC 6749 5.2 unless told. */
  shapeError?(status: number, error: string, description: string): unknown;
}

/** Somebody who is signed in on the network's pages. */
export interface FakeAccount {
  accountId: string;
  name: string;
}

export interface FakeOauth {
  /** The routes; undefined: not one of them. */
  handle(request: FakeRequest, clock: FakeClock): FakeAnswer | Promise<FakeAnswer> | undefined;
  tokens: FakeTokens;
  registerApp(app: Omit<FakeApp, 'clientId' | 'clientSecret'> & Partial<FakeApp>): FakeApp;
  addAccount(account: FakeAccount): void;
  /** What people can grant at most from now on, whatever is asked. */
  limitScopes(scopes: readonly string[]): void;
  /** The client that a request to another endpoint authenticates as, by the same rules. */
  findClient(request: FakeRequest): Promise<FakeApp | undefined>;
}

interface Pending {
  app: FakeApp;
  redirectUri: string;
  state: string | null;
  scopes: readonly string[];
  challenge: string | null;
}

interface Code extends Pending {
  accountId: string;
  expiresAt: Date;
  /** What it was exchanged for: a second use ends these. */
  tokens: IssuedTokens | null;
}

export function createFakeOauth(rules: FakeOauthRules): FakeOauth {
  const apps = new Map<string, FakeApp>();
  const accounts = new Map<string, FakeAccount>();
  const pending = new Map<string, Pending>();
  const codes = new Map<string, Code>();
  let clock: FakeClock = { now: () => new Date(), moveBy: () => undefined };
  let mostScopes: readonly string[] | undefined;
  const tokens = keepFakeTokens(rules, () => clock);

  const fail = (status: number, error: string, description: string): FakeAnswer => ({
    status,
    headers: { 'cache-control': 'no-store' },
    body: rules.shapeError?.(status, error, description) ?? { error, error_description: description },
  });

  const showAuthorize = ({ query }: FakeRequest): FakeAnswer => {
    const app = apps.get(query.get('client_id') ?? '');
    if (!app) return refusalPage('Unknown app.');
    const redirectUri = query.get('redirect_uri') ?? '';
    if (!app.redirectUris.includes(redirectUri)) return refusalPage('This redirect URI is not registered.');
    const state = query.get('state');
    const refuse = (error: string) => redirect(redirectUri, { error, state });
    for (const name of new Set(query.keys())) {
      if (query.getAll(name).length > 1) return refuse('invalid_request');
    }
    if (query.get('response_type') !== 'code') return refuse('unsupported_response_type');
    const scopes = (query.get('scope') ?? '').split(rules.scopeSeparator ?? ' ').filter(Boolean);
    if (scopes.some((scope) => !app.scopes.includes(scope))) return refuse('invalid_scope');
    const challenge = rules.pkce === 'unsupported' ? null : query.get('code_challenge');
    if (challenge === null && rules.pkce === 'required') return refuse('invalid_request');
    if (challenge !== null && query.get('code_challenge_method') !== 'S256') return refuse('invalid_request');
    if (challenge !== null && !/^[\w-]{43}$/.test(challenge)) return refuse('invalid_request');
    const id = randomBytes(16).toString('base64url');
    pending.set(id, { app, redirectUri, state, scopes, challenge });
    return authorizePage({
      action: rules.authorizePath,
      id,
      app: app.clientId,
      accounts: [...accounts.values()],
      scopes,
    });
  };

  const decide = async (request: FakeRequest): Promise<FakeAnswer> => {
    const form = await readForm(request);
    const id = fieldOf(form, 'request');
    const asked = pending.get(id);
    if (!asked) return refusalPage('This page is too old.');
    pending.delete(id);
    const { redirectUri, state } = asked;
    if (form.get('answer') !== 'allow') {
      return redirect(redirectUri, {
        error: 'access_denied',
        error_description: 'The user <b>said</b> no',
        state,
      });
    }
    const account = accounts.get(fieldOf(form, 'account'));
    if (!account) return refusalPage('Unknown account.');
    const ticked = new Set(form.getAll('scope'));
    const scopes = asked.scopes.filter((scope) => ticked.has(scope) && (mostScopes?.includes(scope) ?? true));
    const code = randomBytes(24).toString('base64url');
    const expiresAt = new Date(clock.now().getTime() + (rules.codeLifetimeSeconds ?? 60) * 1000);
    codes.set(code, { ...asked, scopes, accountId: account.accountId, expiresAt, tokens: null });
    return redirect(redirectUri, { code, state });
  };

  const authenticate = ({ headers }: FakeRequest, form: FormData): FakeApp | undefined => {
    const basic = /^Basic (.+)$/.exec(headers.get('authorization') ?? '')?.[1];
    if (basic !== undefined) {
      const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString().split(':').map(decodeForm);
      const app = rules.clientAuth.includes('basic') ? apps.get(id) : undefined;
      return app && app.clientSecret !== null && app.clientSecret === secret ? app : undefined;
    }
    const app = apps.get(fieldOf(form, 'client_id'));
    if (!app) return undefined;
    const secret = form.get('client_secret');
    if (app.clientSecret === null) return rules.clientAuth.includes('public') && !secret ? app : undefined;
    return rules.clientAuth.includes('post') && secret === app.clientSecret ? app : undefined;
  };

  const exchange = (app: FakeApp, form: FormData): IssuedTokens | string => {
    const code = codes.get(fieldOf(form, 'code'));
    if (!code) return 'unknown code';
    if (code.tokens) {
      tokens.revoke(code.tokens.accessToken);
      return 'code was used';
    }
    if (code.expiresAt <= clock.now()) return 'code is over';
    if (code.app !== app) return 'code of another client';
    if (code.redirectUri !== form.get('redirect_uri')) return 'other redirect_uri';
    const verifier = fieldOf(form, 'code_verifier');
    if (code.challenge !== null && code.challenge !== s256(verifier)) return 'wrong code_verifier';
    code.tokens = tokens.issue({ accountId: code.accountId, clientId: app.clientId, scopes: code.scopes });
    return code.tokens;
  };

  const giveTokens = async (request: FakeRequest): Promise<FakeAnswer> => {
    const form = await readForm(request).catch(() => null);
    if (!form) return fail(400, 'invalid_request', 'not a form');
    const app = authenticate(request, form);
    if (!app) return fail(401, 'invalid_client', 'client authentication failed');
    const grantType = form.get('grant_type');
    const answer =
      grantType === 'authorization_code'
        ? exchange(app, form)
        : grantType === 'refresh_token' && rules.refresh !== 'none'
          ? tokens.refresh(fieldOf(form, 'refresh_token'), app.clientId)
          : null;
    if (answer === null) return fail(400, 'unsupported_grant_type', 'not supported');
    if (typeof answer === 'string') return fail(400, 'invalid_grant', answer);
    const body = rules.shapeTokens?.(answer, clock.now()) ?? tokenBody(answer, clock.now());
    return { status: 200, headers: { 'cache-control': 'no-store' }, body };
  };

  const revoke = async (request: FakeRequest): Promise<FakeAnswer> => {
    const form = await readForm(request);
    if (!authenticate(request, form)) return fail(401, 'invalid_client', 'client authentication failed');
    tokens.revoke(fieldOf(form, 'token'));
    return { status: 200, body: {} };
  };

  return {
    tokens,
    handle: (request, serverClock) => {
      clock = serverClock;
      const { method, path } = request;
      if (method === 'GET' && path === rules.authorizePath) return showAuthorize(request);
      if (method === 'POST' && path === rules.authorizePath) return decide(request);
      if (method === 'POST' && path === rules.tokenPath) return giveTokens(request);
      if (method === 'POST' && path === rules.revokePath) return revoke(request);
      return undefined;
    },
    registerApp: (app) => {
      const clientId = app.clientId ?? `app-${randomBytes(6).toString('hex')}`;
      const clientSecret =
        app.clientSecret === undefined ? randomBytes(16).toString('hex') : app.clientSecret;
      const registered = { ...app, clientId, clientSecret };
      apps.set(clientId, registered);
      return registered;
    },
    addAccount: (account) => void accounts.set(account.accountId, account),
    limitScopes: (scopes) => {
      mostScopes = scopes;
    },
    findClient: async (request) => authenticate(request, await readForm(request)),
  };
}

function redirect(redirectUri: string, parameters: Record<string, string | null>): FakeAnswer {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null) url.searchParams.set(name, value);
  }
  return { status: 302, headers: { location: url.href } };
}

function tokenBody({ accessToken, refreshToken, expiresAt, scopes }: IssuedTokens, now: Date) {
  return {
    access_token: accessToken,
    token_type: 'bearer',
    ...(expiresAt && { expires_in: Math.round((expiresAt.getTime() - now.getTime()) / 1000) }),
    ...(refreshToken && { refresh_token: refreshToken }),
    scope: scopes.join(' '),
  };
}

function fieldOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

/** RFC 6749 2.3.1: both halves of Basic are form-encoded first. */
function decodeForm(value: string): string {
  return decodeURIComponent(value.replaceAll('+', ' '));
}

function s256(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

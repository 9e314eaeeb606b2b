// Apps, tokens and discovery: https://docs.joinmastodon.org/methods/apps/ and https://docs.joinmastodon.org/methods/oauth/ (checked
// 2026-11-21), over the OAuth pages that the stand-ins share.
import { createFakeOauth, type FakeOauth } from '../fake-oauth.ts';
import type { FakeAnswer, FakeRequest } from '../fake-server.ts';
import { readParameters, textOf } from './mastodon-parameters.ts';
import { refuse, type MastodonState } from './mastodon-state.ts';

const SCOPES = [
  'read',
  'write',
  'write:media',
  'write:statuses',
  'read:accounts',
  'read:statuses',
  'follow',
  'push',
  'profile',
];
const INVALID_CLIENT: FakeAnswer = {
  status: 401,
  body: {
    error: 'invalid_client',
    error_description:
      'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.',
  },
};

export interface MastodonPages {
  handle(request: FakeRequest): Promise<FakeAnswer | undefined>;
  oauth: FakeOauth;
  /** By client id. */
  appNames: Map<string, string>;
  /** As servers before 4.3 do with apps that nobody used. */
  forgetApps(): void;
}

export function createMastodonPages(state: MastodonState): MastodonPages {
  const appNames = new Map<string, string>();
  const oauth = createFakeOauth({
    authorizePath: '/oauth/authorize',
    tokenPath: '/oauth/token',
    pkce: state.traits.hasMetadata ? 'optional' : 'unsupported',
    clientAuth: ['basic', 'post'],
    codeLifetimeSeconds: 600,
    accessLifetimeSeconds: null,
    refresh: 'none',
    shapeTokens: ({ accessToken, scopes }, now) => tokenEntity(accessToken, scopes.join(' '), now),
  });
  const isForgotten = (clientId: string | null) => !appNames.has(clientId ?? '');

  const register = async (request: FakeRequest): Promise<FakeAnswer> => {
    const { client_name, redirect_uris, scopes: asked, website } = await readParameters(request);
    const redirectUris = Array.isArray(redirect_uris) ? redirect_uris : textOf(redirect_uris).split(/\s+/);
    const scopes = (textOf(asked) || 'read').split(' ');
    if (!textOf(client_name)) return refuse(422, "Validation failed: Application name can't be blank");
    if (!redirectUris.every((uri) => URL.canParse(uri) && !uri.includes('#'))) {
      return refuse(422, 'Validation failed: Redirect URI must be an absolute URI.');
    }
    if (scopes.some((scope) => !SCOPES.includes(scope))) {
      return refuse(422, "Validation failed: Scopes doesn't match configured on the server.");
    }
    const app = oauth.registerApp({ redirectUris, scopes });
    appNames.set(app.clientId, textOf(client_name));
    return {
      status: 200,
      body: {
        id: String(appNames.size),
        name: client_name,
        website: textOf(website) || null,
        scopes,
        redirect_uri: redirectUris.join('\n'),
        redirect_uris: redirectUris,
        client_id: app.clientId,
        client_secret: app.clientSecret,
        client_secret_expires_at: 0,
      },
    };
  };

  const giveToken = async (given: FakeRequest): Promise<FakeAnswer | undefined> => {
    const request = await asForm(given);
    const { grant_type, client_id, scope } = await readParameters(request);
    if (isForgotten(textOf(client_id))) return INVALID_CLIENT;
    if (grant_type !== 'client_credentials') return oauth.handle(request, state.clock);
    const app = await oauth.findClient(request);
    const scopes = (textOf(scope) || 'read').split(' ');
    if (!app) return INVALID_CLIENT;
    if (!scopes.every((name) => app.scopes.includes(name))) {
      const description = 'The requested scope is invalid, unknown, or malformed.';
      return { status: 400, body: { error: 'invalid_scope', error_description: description } };
    }
    return {
      status: 200,
      body: tokenEntity(`app-token-${app.clientId}`, scopes.join(' '), state.clock.now()),
    };
  };

  const revoke = async (given: FakeRequest): Promise<FakeAnswer> => {
    const request = await asForm(given);
    const { token } = await readParameters(request);
    const app = await oauth.findClient(request);
    const grant = oauth.tokens.find(textOf(token));
    if (!app || (typeof grant === 'object' && grant.clientId !== app.clientId)) {
      const description = 'You are not authorized to revoke this token';
      return { status: 403, body: { error: 'unauthorized_client', error_description: description } };
    }
    oauth.tokens.revoke(textOf(token));
    return { status: 200, body: {} };
  };

  return {
    oauth,
    appNames,
    forgetApps: () => appNames.clear(),
    async handle(request) {
      const { method, path, query } = request;
      if (method === 'POST' && path === '/api/v1/apps') return register(request);
      if (method === 'POST' && path === '/oauth/token') return giveToken(request);
      if (method === 'POST' && path === '/oauth/revoke') return revoke(request);
      if (method === 'GET' && path === '/oauth/authorize' && isForgotten(query.get('client_id'))) {
        return { status: 401, body: '<h1>Client authentication failed due to unknown client</h1>' };
      }
      if (method === 'GET' && path === '/.well-known/oauth-authorization-server') {
        return state.traits.hasMetadata
          ? { status: 200, body: metadataOf(state.url) }
          : { status: 404, body: '<h1>The page you are looking for is not here.</h1>' };
      }
      return oauth.handle(request, state.clock);
    },
  };
}

function tokenEntity(accessToken: string, scope: string, now: Date) {
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    scope,
    created_at: Math.floor(now.getTime() / 1000),
  };
}

function metadataOf(url: string) {
  return {
    issuer: `${url}/`,
    service_documentation: 'https://docs.joinmastodon.org/',
    authorization_endpoint: `${url}/oauth/authorize`,
    token_endpoint: `${url}/oauth/token`,
    app_registration_endpoint: `${url}/api/v1/apps`,
    revocation_endpoint: `${url}/oauth/revoke`,
    userinfo_endpoint: `${url}/oauth/userinfo`,
    scopes_supported: SCOPES,
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    code_challenge_methods_supported: ['S256'],
    grant_types_supported: ['authorization_code', 'client_credentials'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  };
}

/** Rails takes JSON where RFC 6749 says a form. */
async function asForm(request: FakeRequest): Promise<FakeRequest> {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(await readParameters(request))) form.set(name, textOf(value));
  const headers = new Headers(request.headers);
  headers.set('content-type', 'application/x-www-form-urlencoded');
  return { ...request, headers, body: Buffer.from(form.toString()) };
}

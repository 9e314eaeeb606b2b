import { generateKeyPairSync, randomBytes } from 'node:crypto';

import { sealCredentials } from '../../../server/channels/credentials.ts';
import type { Context } from '../../../server/context.ts';
import { newId } from '../../../server/ids.ts';
import { networkName } from '../../../views/networks.ts';
import type { ScriptedBrowser } from '../../support/oauth-client.ts';
import { startFakeServer, type FakeAnswer, type FakeRequest } from '../../support/fakes/fake-server.ts';
import type { Canaries } from './keeper.ts';

export type MakeCanary = (kind: string) => string;

export interface EchoingNetworks extends AsyncDisposable {
  host: string;
  url: string;
  /** All networks at this one address, with apps of their own. */
  settings: Record<string, string>;
}

/** Whoever links is let in; everything else is answered with an error that repeats all that was sent, as some networks do. */
export async function startEchoingNetworks(make: MakeCanary): Promise<EchoingNetworks> {
  const server = await startFakeServer((request) => answer(request, make));
  const host = new URL(server.url).host;
  const settings: Record<string, string> = {};
  for (const name of ['X', 'LINKEDIN', 'THREADS', 'INSTAGRAM', 'FACEBOOK']) {
    const kind = /X|LINKEDIN/.test(name) && name !== 'FACEBOOK' ? 'CLIENT' : 'APP';
    settings[`${name}_${kind}_ID`] = `app-of-${name}`;
    settings[`${name}_${kind}_SECRET`] = make(`app secret of ${name}`);
    settings[`${name}_API_URL`] = settings[`${name}_WEB_URL`] = server.url;
  }
  settings['INSTAGRAM_OAUTH_URL'] = server.url;
  return {
    host,
    url: server.url,
    settings,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function answer(request: FakeRequest, make: MakeCanary): FakeAnswer {
  const { method, path, query, headers, body } = request;
  const sent = body.toString('utf8');
  const isRenewal = sent.includes('grant_type=refresh_token') || path.endsWith('/refresh_access_token');
  const told = isRenewal ? undefined : ANSWERS[`${method} ${path}`]?.(make, query);
  if (told) return { status: 200, body: told };
  if (path.startsWith('/.well-known/')) return { status: 404, body: 'none' };
  const echo = `Malformed access token ${headers.get('authorization')} ${query.toString()} ${sent}`.slice(
    0,
    400,
  );
  const error = path.startsWith('/v') || path.includes('access_token') ? { code: 1, message: echo } : echo;
  return { status: 500, body: { error, message: echo, detail: echo, error_description: echo } };
}

const oauth = (make: MakeCanary, network: string, scope: string) => ({
  access_token: make(`access token of ${network}`),
  refresh_token: make(`refresh token of ${network}`),
  ...{ token_type: 'bearer', expires_in: 30, scope, created_at: 1 },
});
const X_SCOPES = 'tweet.read tweet.write users.read media.write offline.access';
const INSTAGRAM_SCOPES = ['instagram_business_basic', 'instagram_business_content_publish'];
const FACEBOOK_SCOPES = ['pages_show_list', 'pages_manage_posts', 'pages_read_engagement'];
const THREADS_SCOPES = [
  ...['threads_basic', 'threads_content_publish', 'threads_manage_replies', 'threads_read_replies'],
  ...['threads_manage_insights', 'threads_delete'],
];

const ANSWERS: Readonly<Record<string, (make: MakeCanary, query: URLSearchParams) => unknown>> = {
  'POST /api/v1/apps': (make) => ({ client_id: 'id', client_secret: make('app secret of Mastodon') }),
  'POST /oauth/token': (make) => oauth(make, 'Mastodon', 'read write'),
  'GET /api/v1/accounts/verify_credentials': () => ({ id: '1', username: 'alice' }),
  'POST /2/oauth2/token': (make) => oauth(make, 'X', X_SCOPES),
  'GET /2/users/me': () => ({ data: { id: '1', username: 'alice' } }),
  'POST /oauth/v2/accessToken': (make) => oauth(make, 'LinkedIn', 'openid profile w_member_social'),
  'GET /v2/userinfo': () => ({ sub: 'alice', name: 'Alice' }),
  'POST /oauth/access_token': (make) => ({
    access_token: make('short token of Meta'),
    permissions: INSTAGRAM_SCOPES,
  }),
  'GET /access_token': (make) => ({ access_token: make('long token of Meta'), expires_in: 90_000 }),
  'GET /v1.0/debug_token': () => ({ data: { scopes: THREADS_SCOPES } }),
  'GET /v1.0/me': () => ({ id: '1', username: 'alice' }),
  'GET /v25.0/me': () => ({ user_id: '1', username: 'alice' }),
  'GET /v25.0/oauth/access_token': (make) => ({ access_token: make('token of Facebook') }),
  'GET /v25.0/me/permissions': () => ({
    data: FACEBOOK_SCOPES.map((permission) => ({ permission, status: 'granted' })),
  }),
  'GET /v25.0/me/accounts': (make) => ({
    data: [
      { id: '1', name: 'Bakery', access_token: make('token of a Page'), tasks: ['CREATE_CONTENT'] },
      { id: '2', name: 'Other', access_token: make('token of a Page left out'), tasks: ['CREATE_CONTENT'] },
    ],
  }),
};

/** Links an account of each network on its own pages. */
export async function linkEverywhere(
  owner: ScriptedBrowser,
  { url }: EchoingNetworks,
  canaries: Canaries,
  make: MakeCanary,
): Promise<void> {
  for (const network of ['x', 'linkedin', 'threads', 'instagram', 'facebook', 'mastodon']) {
    const page = await owner.open(`/channels/link/${network}`);
    const fields = network === 'mastodon' ? { answer: url } : {};
    const leaving = await owner.submit(page, `Continue to ${networkName(network)}`, fields);
    const href = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(leaving.html)![1]!;
    const asked = new URL(href.replaceAll('&amp;', '&'));
    canaries.add(`state of ${network}`, asked.searchParams.get('state'));
    const callback = new URL(asked.searchParams.get('redirect_uri')!);
    callback.searchParams.set('state', asked.searchParams.get('state')!);
    callback.searchParams.set('code', make(`code of ${network}`));
    const back = await owner.open(callback.href);
    if (network === 'facebook') await owner.submit(back, 'Link what is chosen', { account: '1' });
    // The second time it counts for nothing, and is told of.
    await owner.open(callback.href);
  }
}

/** An account that was linked by the pages of its own server: a token that is bound to a key. */
export async function addBoundAccount(context: Context, url: string, canaries: Canaries): Promise<void> {
  const { teamId } = await context.db.membership.findFirstOrThrow({ where: { role: 'owner' } });
  const key = { teamId, channelId: newId('channel') };
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const dpopJwk = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256' };
  const make = (kind: string) => {
    const value = `canary-${randomBytes(24).toString('base64url')}`;
    canaries.add(kind, value);
    return value;
  };
  canaries.add('key of a bound token', (dpopJwk as { d?: string }).d);
  const tokenSet = {
    sub: 'did:plc:bound',
    access_token: make('bound token'),
    refresh_token: make('its renewal'),
  };
  const session = { dpopJwk, authMethod: { method: 'none' }, tokenSet };
  const credentials = JSON.stringify({ kind: 'oauth', serviceUrl: url, session });
  await context.db.channel.create({
    data: {
      ...{ id: key.channelId, teamId, network: 'bluesky', handle: 'bound.example' },
      remoteAccountId: 'did:plc:bound',
      credentials: sealCredentials(context, key, credentials),
    },
  });
}

/** A webhook, and a call of it. */
export async function addTestedWebhook(
  owner: ScriptedBrowser,
  { url }: EchoingNetworks,
  canaries: Canaries,
): Promise<void> {
  const added = await owner.submit(await owner.open('/webhooks'), 'Add the webhook', { url: `${url}/hook` });
  const secret = /value="(whsec_[^"]+)"/.exec(added.html)?.[1];
  canaries.add('webhook secret', secret);
  canaries.add('webhook secret, bare', secret?.slice('whsec_'.length));
  await owner.submit(await owner.open('/webhooks'), `Send a test ${url}/hook`);
}

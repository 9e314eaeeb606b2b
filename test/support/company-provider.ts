import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { AdapterPayload } from 'oidc-provider';
import Provider from 'oidc-provider';

import { openScriptedBrowser } from './oauth-client.ts';

export interface CompanyPerson {
  sub: string;
  email?: string;
  email_verified?: boolean;
  name?: string;
}

export interface CompanyProviderOptions {
  /** Where the address stands; the claim is missing elsewhere. */
  emailIn?: 'userinfo' | 'id_token';
  /** A public client has none. */
  clientSecret?: string;
  people: CompanyPerson[];
}

/** The identity provider of a company, over real HTTP: whoever is named is signed in without being asked. */
export interface CompanyProvider extends AsyncDisposable {
  issuer: string;
  /** The settings of a Grantcast that uses it. */
  settings: Record<string, string>;
  /** Registers the Grantcast at this address. */
  register(publicUrl: string): void;
  /** Who signs in when a browser comes that names nobody. */
  person: CompanyPerson;
  people: CompanyPerson[];
  /** What the provider does wrong: answers 503, or changes the claims of the ID token under the old signature. */
  fault: 'none' | 'unavailable' | { claims: Record<string, unknown> };
  /** Signs a person in at the provider, in a browser of its own. @returns the callback that their browser would open next */
  answer(authorizationUrl: string, sub: string): Promise<URL>;
  /** Every code that was given out is over. */
  expireCodes(): void;
  requests: string[];
}

const CLIENT_ID = 'grantcast';
const SIGNING_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

export async function startCompanyProvider(options: CompanyProviderOptions): Promise<CompanyProvider> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { clientSecret, people } = options;
  const stored = new Map<string, AdapterPayload>();
  const provider = createProvider(issuer, options, stored);

  const company: CompanyProvider = {
    issuer,
    settings: {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: CLIENT_ID,
      ...(clientSecret && { OIDC_CLIENT_SECRET: clientSecret }),
      OIDC_ALLOWED_DOMAINS: 'example.com',
      ALLOW_PRIVATE_HOSTS: new URL(issuer).host,
    },
    person: people[0]!,
    people,
    register(publicUrl) {
      stored.set(`Client ${CLIENT_ID}`, {
        client_id: CLIENT_ID,
        redirect_uris: [`${publicUrl}/sign-in/company/callback`],
        ...(clientSecret ? { client_secret: clientSecret } : { token_endpoint_auth_method: 'none' }),
      });
    },
    fault: 'none',
    async answer(authorizationUrl, sub) {
      const browser = openScriptedBrowser(issuer);
      browser.cookies.set('person', sub);
      const page = await browser.open(authorizationUrl);
      if (!page.leavesFor) throw new Error(`the provider did not answer: ${page.status} ${page.html}`);
      return new URL(page.leavesFor);
    },
    expireCodes() {
      for (const key of stored.keys()) if (key.startsWith('AuthorizationCode ')) stored.delete(key);
    },
    requests: [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  provider.use(async (ctx, next) => {
    company.requests.push(`${ctx.method} ${ctx.path}`);
    if (company.fault === 'unavailable') {
      ctx.status = 503;
      return;
    }
    const uid = /^\/login\/([\w-]+)$/.exec(ctx.path)?.[1];
    if (uid) {
      const accountId = ctx.cookies.get('person') ?? company.person.sub;
      ctx.respond = false;
      return provider.interactionFinished(ctx.req, ctx.res, { login: { accountId } });
    }
    await next();
    const answer = ctx.body as { id_token?: string } | undefined;
    if (typeof company.fault === 'object' && ctx.path === '/token' && answer?.id_token)
      ctx.body = { ...answer, id_token: changeClaims(answer.id_token, company.fault.claims) };
  });
  server.on('request', provider.callback());
  return company;
}

function createProvider(
  issuer: string,
  { emailIn = 'userinfo', people }: CompanyProviderOptions,
  stored: Map<string, AdapterPayload>,
): Provider {
  const provider = new Provider(issuer, {
    adapter: (name: string) => createStore(name, stored),
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    jwks: { keys: [{ ...SIGNING_KEY.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'test' }] },
    conformIdTokenClaims: emailIn === 'userinfo',
    cookies: {
      keys: ['a key of the test'],
      // Cookies do not tell ports apart: the browser under test has Grantcast's as well.
      names: { session: 'company_session', interaction: 'company_interaction', resume: 'company_resume' },
    },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, interaction) => `/login/${interaction.uid}` },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
    findAccount: (_ctx, sub) => {
      const person = people.find((one) => one.sub === sub);
      return person && { accountId: sub, claims: () => ({ ...person }) };
    },
    // A company does not ask its own people whether its own tools may know them.
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client!.clientId,
        accountId: ctx.oidc.session!.accountId!,
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  return provider;
}

function createStore(name: string, stored: Map<string, AdapterPayload>) {
  const key = (id: string) => `${name} ${id}`;
  const findBy = (field: 'uid' | 'userCode', value: string) =>
    [...stored].find(([one, payload]) => one.startsWith(`${name} `) && payload[field] === value)?.[1];
  return {
    upsert: async (id: string, payload: AdapterPayload) => void stored.set(key(id), payload),
    find: async (id: string) => stored.get(key(id)),
    findByUid: async (uid: string) => findBy('uid', uid),
    findByUserCode: async (userCode: string) => findBy('userCode', userCode),
    consume: async (id: string) => void (stored.get(key(id))!.consumed = Math.floor(Date.now() / 1000)),
    destroy: async (id: string) => void stored.delete(key(id)),
    revokeByGrantId: async (grantId: string) => {
      for (const [one, payload] of stored) if (payload.grantId === grantId) stored.delete(one);
    },
  };
}

/** The token of a provider that was broken into on its way: the signature is no longer of what it says. */
function changeClaims(token: string, claims: Record<string, unknown>): string {
  const [header, payload = '', signature] = token.split('.');
  const said = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const changed = Buffer.from(JSON.stringify({ ...said, ...claims })).toString('base64url');
  return [header, changed, signature].join('.');
}

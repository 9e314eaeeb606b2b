import { randomBytes } from 'node:crypto';

import { errors, interactionPolicy, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';

import type { Context } from '../context.ts';
import { prepared } from '../database/prepared.ts';
import { sessionOf } from '../http/session.ts';
import { SCOPES } from '../scopes.ts';

import { createAdapterFactory } from './adapter.ts';
import { OWN_COPY_SECONDS, type ClientDocuments } from './client-documents.ts';
import { CLIENT_AUTH_METHODS, DOCUMENT_AUTH_METHOD, extraClientMetadata } from './client-metadata.ts';
import { FAMILY_DAYS, REFRESH_TOKEN_DAYS } from './lifetimes.ts';
import { renderOAuthProblem } from './render-problem.ts';
import { mcpResourceOf } from './resource.ts';
import type { SigningKey } from './signing-keys.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const COOKIE_NAMES = { session: 'as_sess', interaction: 'as_int', resume: 'as_res' } as const;

/** The policy of the authorization server, as oidc-provider takes it. */
export function createConfiguration(
  context: Context,
  signingKeys: SigningKey[],
  documents: ClientDocuments,
): Configuration {
  const resource = mcpResourceOf(context);
  return {
    adapter: createAdapterFactory(context),
    jwks: { keys: signingKeys },
    // Scopes of the resource stay out: they would be asked for twice.
    scopes: ['openid', 'offline_access'],
    responseTypes: ['code'],
    // A key can only be agreed on by a document.
    clientAuthMethods: documents.isEnabled
      ? [...CLIENT_AUTH_METHODS, DOCUMENT_AUTH_METHOD]
      : [...CLIENT_AUTH_METHODS],
    pkce: { required: () => true },
    routes: {
      authorization: '/authorize',
      token: '/token',
      registration: '/register',
      revocation: '/revoke',
      jwks: '/jwks',
      end_session: '/session/end',
    },
    cookies: { keys: [context.seal.deriveKey('oauth cookies')], names: COOKIE_NAMES },
    // None of the endpoints with CORS reads a cookie.
    clientBasedCORS: () => true,
    extraClientMetadata,
    // The only two things that the library fetches are documents of clients and the key sets that those name.
    // Their size is bounded where they really come from.
    fetchResponseBodyLimits: { 'client_id metadata document': Infinity },
    fetch: (url) => documents.fetch(url instanceof Request ? url.url : String(url)),
    features: {
      clientIdMetadataDocument: documents.isEnabled
        ? {
            enabled: true,
            ack: 'draft-02',
            cacheDuration: OWN_COPY_SECONDS,
            async allowFetch(ctx, clientId) {
              await documents.ensureReadable(clientId, (ctx as KoaContextWithOIDC | undefined)?.ip);
              return true;
            },
          }
        : { enabled: false },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      introspection: { enabled: false },
      userinfo: { enabled: false },
      // A token of another client: nothing happens, and the answer does not say so (RFC 7009, 2.2).
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      registration: {
        enabled: true,
        idFactory: () => `dyn_${randomBytes(16).toString('hex')}`,
        issueRegistrationAccessToken: false,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo(_ctx, asked) {
          if (asked !== resource) throw new errors.InvalidTarget();
          return { audience: resource, scope: SCOPES.join(' '), accessTokenFormat: 'opaque' };
        },
      },
    },
    ttl: {
      AuthorizationCode: 10 * MINUTE,
      AccessToken: () => context.config.tokens.maxSeconds,
      // A function that ignores the token it replaces: every refresh starts the 30 days anew.
      RefreshToken: () => REFRESH_TOKEN_DAYS * DAY,
      Grant: () => FAMILY_DAYS * DAY,
      Session: () => 14 * DAY,
      Interaction: () => HOUR,
      IdToken: () => HOUR,
    },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,
    revokeGrantPolicy: () => true,
    // A family of its own for every authorization, so that one install's replay cannot end another's tokens.
    async loadExistingGrant(ctx) {
      const grantId = ctx.oidc.result?.consent?.grantId;
      return grantId ? ctx.oidc.provider.Grant.find(grantId) : undefined;
    },
    interactions: { policy: createPolicy(), url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, personId) => findAccount(context, personId),
    renderError: (ctx, out) => renderOAuthProblem(ctx, out),
  };
}

/** Always ask: it happens once per connection, no client can prove who it is, and only here a team is chosen. */
function createPolicy(): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  const { Check } = interactionPolicy;
  const consentChecks = policy.get('consent')!.checks;
  consentChecks.remove('native_client_prompt');
  consentChecks.add(
    new Check('always', 'every connection is approved by a person', 'interaction_required', (ctx) =>
      ctx.oidc.result?.consent ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT,
    ),
    0,
  );
  policy
    .get('login')!
    .checks.add(
      new Check('app_session', 'somebody else is signed in now', (ctx) =>
        isBoundToAppSession(ctx) ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT,
      ),
    );
  return policy;
}

/** The dashboard's session is the truth, the library's follows it. */
function isBoundToAppSession(ctx: KoaContextWithOIDC): boolean {
  return Boolean(ctx.oidc.result?.login) || ctx.oidc.session?.accountId === sessionOf(ctx)?.personId;
}

async function findAccount(context: Context, personId: string) {
  const [person] = await prepared<{ id: string }>(context)`
    select id from person where id = ${personId} and disabled_at is null`;
  return person ? { accountId: person.id, claims: async () => ({ sub: person.id }) } : undefined;
}

import * as openid from 'openid-client';

import type { CompanySettings } from '../company-settings.ts';
import type { Context } from '../context.ts';

import { explainCompanyProblem } from './company-problem.ts';

/** What one sign-in keeps to itself until the provider answers. */
export interface CompanySecrets {
  state: string;
  nonce: string;
  verifier: string;
}

/** Somebody whom the provider signed in. Only issuer and subject say who it is; the rest may change there. */
export interface CompanyIdentity {
  issuer: string;
  subject: string;
  /** What else the provider says; asked for only when it is needed. */
  readProfile(): Promise<CompanyProfile>;
}

export interface CompanyProfile {
  email: string | undefined;
  /** Whether that address is verified; null: the provider does not say. */
  isEmailVerified: boolean | null;
  name: string | undefined;
}

/**
 * The company's OpenID provider (OpenID Connect Core 1.0, code flow with PKCE, state and nonce).
 * Its methods throw AppError Unavailable (`company_unavailable`, `company_not_reachable`) and NotAllowed (`company_refused`,
 * `company_answer_wrong`).
 */
export interface CompanyProvider {
  /** Where the browser goes. */
  authorizationUrl(secrets: CompanySecrets): Promise<URL>;
  /** @param search the query of the callback, with `?` */
  redeem(search: string, secrets: CompanySecrets): Promise<CompanyIdentity>;
}

const TIMEOUT_SECONDS = 8;
const METADATA_MS = 3_600_000;

export const CALLBACK_PATH = '/sign-in/company/callback';

/** Asks for the provider's metadata at the first use, keeps it for an hour, and asks again after a failure. */
export function createCompanyProvider(context: Context, settings: CompanySettings): CompanyProvider {
  const redirectUri = `${context.publicUrl}${CALLBACK_PATH}`;
  let known: { configuration: Promise<openid.Configuration>; askedAt: number } | null = null;

  function configure(): Promise<openid.Configuration> {
    if (known && performance.now() - known.askedAt < METADATA_MS) return known.configuration;
    const asked = { configuration: discover(context, settings), askedAt: performance.now() };
    known = asked;
    asked.configuration.catch(() => {
      if (known === asked) known = null;
    });
    return asked.configuration;
  }

  async function explained<Result>(step: () => Promise<Result>): Promise<Result> {
    try {
      return await step();
    } catch (error) {
      throw explainCompanyProblem(context, settings, error);
    }
  }

  return {
    authorizationUrl: (secrets) =>
      explained(async () =>
        openid.buildAuthorizationUrl(await configure(), {
          redirect_uri: redirectUri,
          scope: settings.scopes,
          state: secrets.state,
          nonce: secrets.nonce,
          code_challenge: await openid.calculatePKCECodeChallenge(secrets.verifier),
          code_challenge_method: 'S256',
        }),
      ),
    redeem: (search, secrets) =>
      explained(async () => {
        const configuration = await configure();
        const tokens = await openid.authorizationCodeGrant(configuration, new URL(redirectUri + search), {
          expectedState: secrets.state,
          expectedNonce: secrets.nonce,
          pkceCodeVerifier: secrets.verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims()!;
        return {
          issuer: claims.iss,
          subject: claims.sub,
          readProfile: () =>
            explained(async () => {
              const inToken = readProfileClaims(claims);
              const isWhole = inToken.email && inToken.isEmailVerified !== null && inToken.name;
              if (isWhole || !configuration.serverMetadata().userinfo_endpoint) return inToken;
              const more = readProfileClaims(
                await openid.fetchUserInfo(configuration, tokens.access_token, claims.sub),
              );
              // An address and its verification are one statement: never the one from here and the other from there.
              const { email, isEmailVerified } = more.email ? more : inToken;
              return { email, isEmailVerified, name: more.name ?? inToken.name };
            }),
        };
      }),
  };
}

async function discover(context: Context, settings: CompanySettings): Promise<openid.Configuration> {
  const issuer = new URL(settings.issuer);
  const secret = settings.clientSecret;
  // Set here already, so that the metadata itself comes through the guard too.
  const customFetch: openid.CustomFetch = (url, { body, headers, method, signal }) =>
    context.fetch(url, { body: body as BodyInit | null, headers, method, signal: signal ?? null });
  const configuration = await openid.discovery(issuer, settings.clientId, secret, authenticateAs(secret), {
    [openid.customFetch]: customFetch,
    timeout: TIMEOUT_SECONDS,
    // The ID token's signature is checked too: TLS alone vouches for it only as far as TLS ends.
    execute: [
      openid.enableNonRepudiationChecks,
      ...(issuer.protocol === 'http:' ? [openid.allowInsecureRequests] : []),
    ],
  });
  return configuration;
}

/** HTTP Basic where the provider's metadata names it or nothing (its default, RFC 8414); else the form. */
function authenticateAs(secret: string | undefined): openid.ClientAuth {
  if (!secret) return openid.None();
  const [basic, post] = [openid.ClientSecretBasic(secret), openid.ClientSecretPost(secret)];
  return (server, ...request) => {
    const methods = server.token_endpoint_auth_methods_supported;
    const isBasicKnown = !methods || methods.includes('client_secret_basic');
    return (isBasicKnown ? basic : post)(server, ...request);
  };
}

function readProfileClaims(claims: Record<string, unknown>): CompanyProfile {
  const claim = claims['email_verified'];
  return {
    email: textOf(claims['email']),
    // Some providers send the boolean as a string.
    isEmailVerified: claim === undefined ? null : claim === true || claim === 'true',
    name: textOf(claims['name']) ?? textOf(claims['preferred_username']),
  };
}

function textOf(claim: unknown): string | undefined {
  return typeof claim === 'string' && claim.trim() ? claim : undefined;
}

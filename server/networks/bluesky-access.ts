import { z } from 'zod';

import { readBlueskyCredentials } from './bluesky-session.ts';
import type { XrpcToken } from './bluesky-xrpc.ts';

/** A link by the account's own pages, as the OAuth client keeps it. */
const oauthCredentialsSchema = z.object({
  kind: z.literal('oauth'),
  /** The account's own server (PDS): an origin. */
  serviceUrl: z.url(),
  session: z.object({
    dpopJwk: z.record(z.string(), z.unknown()),
    authMethod: z.unknown(),
    tokenSet: z.looseObject({ sub: z.string(), access_token: z.string() }),
  }),
});

export type BlueskyOauthCredentials = z.infer<typeof oauthCredentialsSchema>;

export function isBlueskyOauth(credentials: string | undefined): boolean {
  return oauthCredentialsSchema.safeParse(parse(credentials)).success;
}

/** @throws ZodError for what is no link of this kind */
export function readBlueskyOauth(credentials: string | undefined): BlueskyOauthCredentials {
  return oauthCredentialsSchema.parse(parse(credentials));
}

/**
 * Where the account lives, and what calls there carry: of an app password or of a link by its own pages.
 * @throws NetworkError auth_expired `no_credentials`
 */
export function readBlueskyAccess(credentials: string | undefined): { serviceUrl: string; token: XrpcToken } {
  const oauth = oauthCredentialsSchema.safeParse(parse(credentials)).data;
  if (oauth) {
    const { dpopJwk, tokenSet } = oauth.session;
    return { serviceUrl: oauth.serviceUrl, token: { accessToken: tokenSet.access_token, jwk: dpopJwk } };
  }
  const { serviceUrl, accessJwt } = readBlueskyCredentials(credentials);
  return { serviceUrl, token: accessJwt };
}

const parse = (credentials: string | undefined): unknown => JSON.parse(credentials ?? 'null');

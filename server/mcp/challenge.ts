import { SCOPES, type Scope } from '../scopes.ts';

/** A WWW-Authenticate challenge with the body that goes with it (RFC 6750 section 3, RFC 9728 section 5.1). */
export interface Challenge {
  status: 401 | 403;
  header: string;
  body: { error: string; error_description: string };
}

/** Where the request went: `/mcp`, or `/mcp/` as some people paste it. */
interface Place {
  publicUrl: string;
  path: string;
}

/** No token came: no error code, as RFC 6750 section 3.1 says, but all that a client needs to begin. */
export function challengeForToken(place: Place): Challenge {
  return {
    status: 401,
    header: `Bearer ${metadata(place)}, scope="${SCOPES.join(' ')}"`,
    body: {
      error: 'unauthorized',
      error_description: 'Sign in: this server is its own authorization server.',
    },
  };
}

/** The token is unknown, over, revoked or for another resource. */
export function challengeForBetterToken(place: Place, kind: 'invalid' | 'expired'): Challenge {
  const description =
    kind === 'expired' ? 'The access token expired; refresh it' : 'The access token is not valid here';
  return {
    status: 401,
    header: `Bearer error="invalid_token", error_description="${description}", scope="${SCOPES.join(' ')}", ${metadata(place)}`,
    body: { error: 'invalid_token', error_description: description },
  };
}

/** The union of what is granted and what is needed: some clients then ask for exactly what stands here. */
export function challengeForScopes(
  place: Place,
  granted: ReadonlySet<Scope>,
  needed: ReadonlySet<Scope>,
): Challenge {
  const union = SCOPES.filter((scope) => granted.has(scope) || needed.has(scope));
  return {
    status: 403,
    header: `Bearer error="insufficient_scope", scope="${union.join(' ')}", ${metadata(place)}`,
    body: { error: 'insufficient_scope', error_description: `This tool needs ${[...needed].join(' ')}` },
  };
}

/** Some clients compare the resource in the metadata with the address they called, to the letter. */
function metadata({ publicUrl, path }: Place): string {
  return `resource_metadata="${publicUrl}/.well-known/oauth-protected-resource${path}"`;
}

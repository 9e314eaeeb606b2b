import { ask, differs, type Answer } from './probe.ts';
import type { Report } from './report.ts';

const AREA = 'Metadata';
const WELL_KNOWN_ADVICE =
  'Pass everything under /.well-known/ to the server, and answer nothing of it at the proxy.';
const PUBLIC_URL_ADVICE = 'Set PUBLIC_URL to the very origin that people type, without a slash at its end.';

export interface ServerMetadata {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  registration_endpoint: string;
  revocation_endpoint: string;
}

/** Everything that clients read before they register (RFC 9728, RFC 8414). @returns null when a client could not go on */
export async function checkMetadata(
  report: Report,
  mcpUrl: string,
  challengeUrl: string | null,
): Promise<ServerMetadata | null> {
  const { origin, pathname } = new URL(mcpUrl);
  const wellKnown = `${origin}/.well-known/oauth-protected-resource`;
  let issuer = origin;
  for (const url of new Set([challengeUrl ?? wellKnown, `${wellKnown}${pathname}`, wellKnown])) {
    const answer = await ask(url);
    const json = answer.status === 200 ? answer.json : null;
    const servers = json?.['authorization_servers'];
    report.check({
      area: AREA,
      what: `${new URL(url).pathname} describes the resource`,
      problem:
        findNoJson(answer) ??
        (Array.isArray(servers) && servers.length > 0 ? null : 'no authorization_servers'),
      advice: WELL_KNOWN_ADVICE,
    });
    if (!json) continue;
    report.check({
      area: AREA,
      what: '... as the address that people type',
      problem: differs(json['resource'], mcpUrl),
      advice: `Editors compare the two to the letter. ${PUBLIC_URL_ADVICE}`,
    });
    if (Array.isArray(servers) && typeof servers[0] === 'string') issuer = servers[0];
  }
  return checkServerMetadata(report, issuer);
}

async function checkServerMetadata(report: Report, issuer: string): Promise<ServerMetadata | null> {
  const { origin, pathname } = new URL(issuer);
  const suffix = pathname === '/' ? '' : pathname;
  let found: Record<string, unknown> | null = null;
  for (const name of ['oauth-authorization-server', 'openid-configuration']) {
    const answer = await ask(`${origin}/.well-known/${name}${suffix}`);
    report.check({
      area: AREA,
      what: `/.well-known/${name} describes the authorization server`,
      problem: findNoJson(answer),
      advice: WELL_KNOWN_ADVICE,
    });
    if (answer.status !== 200 || !answer.json) continue;
    report.check({
      area: AREA,
      what: '... under the issuer that the resource names',
      problem: differs(answer.json['issuer'], issuer),
      advice: `Clients refuse another issuer. ${PUBLIC_URL_ADVICE}`,
    });
    found ??= answer.json;
  }
  if (!found) return null;
  checkMembers(report, found, origin);
  const needed = ['authorization_endpoint', 'token_endpoint', 'registration_endpoint', 'revocation_endpoint'];
  return needed.every((name) => typeof found[name] === 'string')
    ? (found as unknown as ServerMetadata)
    : null;
}

function checkMembers(report: Report, metadata: Record<string, unknown>, origin: string): void {
  const foreign = Object.entries(metadata).filter(
    ([name, value]) =>
      name.endsWith('_endpoint') && (typeof value !== 'string' || URL.parse(value)?.origin !== origin),
  );
  report.check({
    area: AREA,
    what: 'all endpoints lie under the issuer',
    problem:
      foreign.length === 0 ? null : foreign.map(([name, value]) => `${name} ${String(value)}`).join(', '),
    advice: 'Behind a proxy that ends TLS set PUBLIC_URL to https, and TRUST_PROXY=true.',
  });
  const missing = ['authorization', 'token', 'registration', 'revocation'].filter(
    (name) => !(`${name}_endpoint` in metadata),
  );
  report.check({
    area: AREA,
    what: 'it has the endpoints for authorization, tokens, registration and revocation',
    problem: missing.length === 0 ? null : `without ${missing.join(', ')}`,
    advice: 'This is not the metadata of Grantcast: look for a second server at this address.',
  });
  const methods = metadata['code_challenge_methods_supported'];
  report.check({
    area: AREA,
    what: 'it announces PKCE with S256 alone',
    problem: JSON.stringify(methods) === '["S256"]' ? null : JSON.stringify(methods ?? 'nothing announced'),
    advice: 'Clients refuse a server that does not announce S256; plain protects nobody.',
  });
  report.check({
    area: AREA,
    what: 'it announces the issuer in authorization responses (RFC 9207)',
    problem: differs(metadata['authorization_response_iss_parameter_supported'], true),
    advice: 'Careful clients and ChatGPT look for it.',
    severity: 'warn',
  });
  const authentication = metadata['token_endpoint_auth_methods_supported'];
  report.check({
    area: AREA,
    what: 'clients without a secret may get tokens',
    problem:
      Array.isArray(authentication) && authentication.includes('none')
        ? null
        : JSON.stringify(authentication ?? 'nothing announced'),
    advice: 'Editors have no secret: the method "none" must be announced.',
  });
}

function findNoJson(answer: Answer): string | null {
  if (answer.status !== 200) return `status ${answer.status}`;
  return answer.json ? null : 'no JSON';
}

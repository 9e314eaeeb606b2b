import { ask, askJson, differs } from './probe.ts';
import type { Report } from './report.ts';

const AREA = 'Challenge';
const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };

/** What a client without a token meets (RFC 6750 section 3, RFC 9728 section 5.1). @returns where the challenge sends it */
export async function checkChallenge(report: Report, mcpUrl: string): Promise<string | null> {
  const bare = await askJson(mcpUrl, PING);
  report.check({
    area: AREA,
    what: 'a call without a token is answered with 401',
    problem: differs(bare.status, 401),
    advice:
      'A proxy or firewall in front must pass POST requests to this path as they are, redirects included.',
  });
  const header = bare.header('www-authenticate');
  const metadataUrl = /resource_metadata="([^"]+)"/.exec(header)?.[1] ?? null;
  report.check({
    area: AREA,
    what: 'it names the metadata, by which most clients begin',
    problem: /^Bearer /i.test(header) && metadataUrl ? null : `WWW-Authenticate: ${header || 'missing'}`,
    advice: 'Let the proxy pass the WWW-Authenticate header of the server.',
  });
  report.check({
    area: AREA,
    what: 'it names the scopes and no error',
    problem:
      /scope="/.test(header) && !/error=/.test(header) ? null : `WWW-Authenticate: ${header || 'missing'}`,
    advice: 'Clients ask for what stands here; an error code makes some of them give up.',
    severity: 'warn',
  });
  const wrong = await askJson(mcpUrl, PING, { authorization: 'Bearer not-a-token' });
  const isChallenged =
    wrong.status === 401 && wrong.header('www-authenticate').includes('error="invalid_token"');
  report.check({
    area: AREA,
    what: 'an unknown token is answered with 401 invalid_token',
    problem: isChallenged
      ? null
      : `${wrong.status}, WWW-Authenticate: ${wrong.header('www-authenticate') || 'missing'}`,
    advice: 'Without it clients do not refresh. Look for a proxy that answers in the place of the server.',
  });
  const probed = await ask(mcpUrl);
  report.check({
    area: AREA,
    what: 'a GET without a token is answered with 401 too',
    problem: differs(probed.status, 401),
    advice: 'Some clients look with GET first, and take 404 or 405 for a server without sign-in.',
  });
  return metadataUrl;
}

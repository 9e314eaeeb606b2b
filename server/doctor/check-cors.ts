import { ask } from './probe.ts';
import type { Report } from './report.ts';
import type { ServerMetadata } from './check-metadata.ts';

const AREA = 'Browser clients (CORS)';
const ANY_PAGE = 'https://client.example';
const ADVICE = 'Let the proxy pass OPTIONS requests and the Access-Control headers of the server.';

/** Clients that run in a page of their own ask before each request whether they may. */
export async function checkCors(report: Report, mcpUrl: string, metadata: ServerMetadata): Promise<void> {
  const { origin, pathname } = new URL(mcpUrl);
  const open = [
    [`${origin}/.well-known/oauth-protected-resource${pathname}`, 'GET'],
    [new URL('/.well-known/oauth-authorization-server', metadata.issuer).href, 'GET'],
    [metadata.registration_endpoint, 'POST'],
    [metadata.token_endpoint, 'POST'],
    [metadata.revocation_endpoint, 'POST'],
  ] as const;
  for (const [url, method] of open) await checkPreflight(report, { url, method, from: ANY_PAGE });
  // The endpoint itself opens to its own pages and to those that the settings name.
  await checkPreflight(report, { url: mcpUrl, method: 'POST', from: origin });
  const challenge = await ask(mcpUrl, { method: 'POST', headers: { origin } });
  const exposed = challenge.header('access-control-expose-headers');
  report.check({
    area: AREA,
    what: 'the challenge can be read by a page',
    problem: /www-authenticate/i.test(exposed)
      ? null
      : `Access-Control-Expose-Headers: ${exposed || 'missing'}`,
    advice: ADVICE,
  });
}

async function checkPreflight(
  report: Report,
  { url, method, from }: { url: string; method: string; from: string },
): Promise<void> {
  const asked = ['authorization', 'content-type', 'mcp-protocol-version'];
  const answer = await ask(url, {
    method: 'OPTIONS',
    headers: {
      origin: from,
      'access-control-request-method': method,
      'access-control-request-headers': asked.join(', '),
    },
  });
  const allowedOrigin = answer.header('access-control-allow-origin');
  const allowedHeaders = answer.header('access-control-allow-headers').toLowerCase();
  const isAllowed =
    answer.status < 300 &&
    ['*', from].includes(allowedOrigin) &&
    asked.every((name) => allowedHeaders.includes(name));
  report.check({
    area: AREA,
    what: `${method} ${new URL(url).pathname} may be called from ${from === ANY_PAGE ? 'any page' : 'its own pages'}`,
    problem: isAllowed
      ? null
      : `status ${answer.status}, allowed origin ${allowedOrigin || 'none'}, allowed headers ${allowedHeaders || 'none'}`,
    advice: ADVICE,
  });
}

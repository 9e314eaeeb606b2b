import { askJson, differs } from './probe.ts';
import type { Report } from './report.ts';

const AREA = 'Registration';
const HOSTILE = ['javascript:alert(1)', 'http://192.168.1.10/callback', 'https://client.example/#fragment'];

/** Registers as an editor does (RFC 7591), and as nobody should. @returns the client id, or null */
export async function checkRegistration(
  report: Report,
  endpoint: string,
  redirectUri: string,
): Promise<string | null> {
  const answer = await askJson(endpoint, {
    client_name: 'Grantcast doctor',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope: '',
  });
  report.check({
    area: AREA,
    what: 'a client that nobody knows may register',
    problem: answer.status === 201 ? null : `status ${answer.status}: ${answer.text}`,
    advice:
      answer.status === 429
        ? 'Too many registrations came from this address: try again within an hour.'
        : 'Let the proxy pass POST requests to this path as they are.',
  });
  for (const uri of HOSTILE) {
    const { status } = await askJson(endpoint, { client_name: 'Grantcast doctor', redirect_uris: [uri] });
    report.check({
      area: AREA,
      what: `a redirect to ${uri} is refused`,
      problem: differs(status, 400),
      advice:
        'Whoever registers this could take codes or run scripts: do not let anybody connect before it is refused.',
    });
  }
  const clientId = answer.json?.['client_id'];
  return typeof clientId === 'string' ? clientId : null;
}

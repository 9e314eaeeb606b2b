import { startAuthorization, type Patient } from './authorization.ts';
import type { Callback } from './open-callback.ts';
import { askForm, differs } from './probe.ts';
import type { Report } from './report.ts';

const AREA = 'Sign-in';
const PATIENCE_MS = 5 * 60_000;

export interface Tokens {
  accessToken: string;
  refreshToken: string;
}

/**
 * The part with a person: shows them an address, waits for them to allow it, and exchanges the code.
 *
 * @returns the tokens, or null when a client would have none
 */
export async function checkSignIn(
  report: Report,
  patient: Patient,
  person: { callback: Callback; show: (url: string) => void; tokenEndpoint: string },
): Promise<Tokens | null> {
  const request = startAuthorization(patient);
  person.show(request.url);
  const answer = await person.callback.waitForAnswer(PATIENCE_MS);
  const code = answer.get('code');
  report.check({
    area: AREA,
    what: 'the person comes back with a code',
    problem: code ? null : `error ${answer.get('error')}: ${answer.get('error_description')}`,
    advice: 'Press Allow. If you did, look at the connection doctor on the page Connections.',
  });
  report.check({
    area: AREA,
    what: 'with the state as it was sent',
    problem: answer.get('state') === request.state ? null : 'another state',
    advice: 'Clients throw such an answer away: nothing may change the query on its way.',
  });
  report.check({
    area: AREA,
    what: 'and with the issuer (RFC 9207)',
    problem: differs(answer.get('iss'), patient.issuer),
    advice: 'Clients that read the announcement refuse an answer without the exact issuer: check PUBLIC_URL.',
  });
  if (!code) return null;
  const exchanged = await askForm(person.tokenEndpoint, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: patient.redirectUri,
    client_id: patient.clientId,
    code_verifier: request.verifier,
    resource: patient.mcpUrl,
  });
  const { access_token: accessToken, refresh_token: refreshToken, token_type: type } = exchanged.json ?? {};
  const hasToken = exchanged.status === 200 && typeof accessToken === 'string' && type === 'Bearer';
  report.check({
    area: AREA,
    what: 'the code is exchanged for a Bearer token',
    problem: hasToken
      ? null
      : `status ${exchanged.status}: ${JSON.stringify(exchanged.json?.['error'] ?? 'no token')}`,
    advice: 'Let the proxy pass POST requests with a form to the token endpoint.',
  });
  report.check({
    area: AREA,
    what: 'with a refresh token, so that nobody signs in every hour',
    problem: typeof refreshToken === 'string' ? null : 'no refresh token',
    advice: 'This is not how Grantcast answers: look for a server in between.',
  });
  report.check({
    area: AREA,
    what: 'in an answer that nothing may keep',
    problem: exchanged.header('cache-control').includes('no-store') ? null : 'no Cache-Control: no-store',
    advice: 'Let the proxy pass the Cache-Control header, and cache nothing itself.',
  });
  return hasToken && typeof refreshToken === 'string' ? { accessToken, refreshToken } : null;
}

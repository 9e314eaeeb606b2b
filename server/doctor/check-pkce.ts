import { startAuthorization, type Patient } from './authorization.ts';
import { ask } from './probe.ts';
import type { Report } from './report.ts';

const AREA = 'PKCE and redirects';
const ADVICE = 'Let nobody connect before this is refused: a stolen code could be redeemed.';

/** Nothing here needs a person: what is wrong is refused before anybody is asked. */
export async function checkPkce(report: Report, patient: Patient): Promise<void> {
  const { verifier } = startAuthorization(patient);
  const refused = {
    'a request without PKCE is refused': { code_challenge: null, code_challenge_method: null },
    'PKCE with the method plain is refused': { code_challenge: verifier, code_challenge_method: 'plain' },
    'a redirect URI that was not registered is refused': { redirect_uri: 'https://client.example/other' },
  };
  for (const [what, changes] of Object.entries(refused)) {
    report.check({ area: AREA, what, problem: await findAcceptance(patient, changes), advice: ADVICE });
  }
  const isRefused = (await findAcceptance(patient, {})) === null;
  report.check({
    area: AREA,
    what: 'a request with S256 goes on to the person',
    problem: isRefused ? 'it was refused' : null,
    advice: 'Let the proxy pass the whole query to this path.',
  });
}

/** @returns how far the request got, or null when it was refused */
async function findAcceptance(
  patient: Patient,
  changes: Record<string, string | null>,
): Promise<string | null> {
  const { url } = startAuthorization(patient, changes);
  const answer = await ask(url, { headers: { accept: 'text/html' } });
  if (answer.status >= 400) return null;
  const location = answer.header('location');
  if (!location) return `a page with status ${answer.status}`;
  const isError = new URL(location, url).searchParams.has('error');
  return isError ? null : `a redirect to ${new URL(location, url).pathname}`;
}

import type { Patient } from './authorization.ts';
import { checkChallenge } from './check-challenge.ts';
import { checkClients } from './check-clients.ts';
import { checkCors } from './check-cors.ts';
import { checkMetadata, type ServerMetadata } from './check-metadata.ts';
import { checkPkce } from './check-pkce.ts';
import { checkRefresh } from './check-refresh.ts';
import { checkRegistration } from './check-registration.ts';
import { checkRevocation } from './check-revocation.ts';
import { checkSignIn } from './check-sign-in.ts';
import { checkTransport } from './check-transport.ts';
import { openCallback, type Callback } from './open-callback.ts';
import { openReport, type Finding, type Report } from './report.ts';

export interface DoctorOptions {
  /** The MCP endpoint as people type it. */
  mcpUrl: string;
  /** Shows a person the address to open; null leaves out what needs a person. */
  show: ((url: string) => void) | null;
}

/** Examines a deployment from outside, the way a client goes: from nothing but the URL to a tool call, and back out. */
export async function runDoctor({ mcpUrl, show }: DoctorOptions): Promise<readonly Finding[]> {
  const report = openReport();
  await report.examine('Transport', () => checkTransport(report, mcpUrl));
  let challengeUrl: string | null = null;
  await report.examine('Challenge', async () => {
    challengeUrl = await checkChallenge(report, mcpUrl);
  });
  let metadata: ServerMetadata | null = null;
  await report.examine('Metadata', async () => {
    metadata = await checkMetadata(report, mcpUrl, challengeUrl);
  });
  if (metadata) await examineEndpoints(report, { mcpUrl, metadata, show });
  return report.findings;
}

async function examineEndpoints(
  report: Report,
  { mcpUrl, metadata, show }: DoctorOptions & { metadata: ServerMetadata },
): Promise<void> {
  await report.examine('Browser clients (CORS)', () => checkCors(report, mcpUrl, metadata));
  await using callback = await openCallback();
  const { redirectUri } = callback;
  let clientId: string | null = null;
  await report.examine('Registration', async () => {
    clientId = await checkRegistration(report, metadata.registration_endpoint, redirectUri);
  });
  if (clientId === null) return;
  const { authorization_endpoint: authorizationEndpoint, issuer } = metadata;
  const patient: Patient = { mcpUrl, authorizationEndpoint, issuer, clientId, redirectUri };
  await report.examine('PKCE and redirects', () => checkPkce(report, patient));
  if (show) await examineConnection(report, { patient, metadata, callback, show });
}

async function examineConnection(
  report: Report,
  input: {
    patient: Patient;
    metadata: ServerMetadata;
    callback: Callback;
    show: (url: string) => void;
  },
): Promise<void> {
  const { patient, metadata, callback, show } = input;
  const { mcpUrl, clientId } = patient;
  const tokenEndpoint = metadata.token_endpoint;
  await report.examine('Sign-in', async () => {
    const tokens = await checkSignIn(report, patient, { callback, show, tokenEndpoint });
    if (!tokens) return;
    let latest = tokens;
    await report.examine('Tool calls', () => checkClients(report, mcpUrl, tokens.accessToken));
    await report.examine('Refresh', async () => {
      latest = await checkRefresh(report, { mcpUrl, tokenEndpoint, clientId }, tokens);
    });
    // Whatever went wrong before: nothing of this examination stays behind.
    const revocationEndpoint = metadata.revocation_endpoint;
    await report.examine('Revocation', () =>
      checkRevocation(report, { mcpUrl, revocationEndpoint, clientId }, latest),
    );
  });
}

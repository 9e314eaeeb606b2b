import { createHash, randomBytes } from 'node:crypto';

/** What all steps of one examination share. */
export interface Patient {
  mcpUrl: string;
  authorizationEndpoint: string;
  issuer: string;
  clientId: string;
  redirectUri: string;
}

export interface AuthorizationRequest {
  url: string;
  verifier: string;
  state: string;
}

/** @param changes parameters to replace; null leaves one out */
export function startAuthorization(
  patient: Patient,
  changes: Record<string, string | null> = {},
): AuthorizationRequest {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const url = new URL(patient.authorizationEndpoint);
  const parameters: Record<string, string | null> = {
    response_type: 'code',
    client_id: patient.clientId,
    redirect_uri: patient.redirectUri,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    resource: patient.mcpUrl,
    state,
    ...changes,
  };
  for (const [name, value] of Object.entries(parameters))
    if (value !== null) url.searchParams.set(name, value);
  return { url: url.href, verifier, state };
}

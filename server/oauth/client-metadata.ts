import { errors, type ClientMetadata, type Configuration } from 'oidc-provider';

import { findRedirectProblem, isNativeClient } from './redirect-policy.ts';

export const CLIENT_AUTH_METHODS = ['none', 'client_secret_basic', 'client_secret_post'] as const;
/** Of clients that publish a document with their keys. */
export const DOCUMENT_AUTH_METHOD = 'private_key_jwt' as const;
const GRANT_TYPES = ['authorization_code', 'refresh_token'];

/** Members that we neither use nor want checked; some real clients send values for them that would be refused. */
const IGNORED_MEMBERS = new Set([
  'scope',
  'jwks',
  'jwks_uri',
  'contacts',
  'subject_type',
  'sector_identifier_uri',
  'id_token_signed_response_alg',
  'client_id',
  'client_secret',
  'client_id_issued_at',
  'client_secret_expires_at',
  'response_modes',
  'initiate_login_uri',
  'require_auth_time',
]);
const WEB_LINKS = ['client_uri', 'logo_uri', 'tos_uri', 'policy_uri'];

/**
 * A registration request (RFC 7591) as the library accepts it: what is empty, unknown or useless is dropped rather
 * than refused, because clients send what they know and give up on a 400.
 */
export function normaliseRegistration(body: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(body).filter(
    ([name, value]) => !isEmpty(value) && !IGNORED_MEMBERS.has(name) && !name.startsWith('default_'),
  );
  const metadata: Record<string, unknown> = {
    ...Object.fromEntries(kept),
    grant_types: GRANT_TYPES,
    response_types: ['code'],
  };
  for (const link of WEB_LINKS) {
    if (!isWebLink(metadata[link])) delete metadata[link];
  }
  if (typeof metadata['client_name'] !== 'string') delete metadata['client_name'];
  const method = metadata['token_endpoint_auth_method'];
  if (!(CLIENT_AUTH_METHODS as readonly unknown[]).includes(method))
    delete metadata['token_endpoint_auth_method'];
  return metadata;
}

/**
 * Our rules for what a client may be. The library runs this for every way in which metadata reaches it, also when a
 * client is loaded, so the rules hold for rows written by an older version too. Idempotent; once per property.
 */
export const extraClientMetadata: NonNullable<Configuration['extraClientMetadata']> = {
  properties: ['software_id', 'software_version'],
  validator(_ctx, key, _value, metadata) {
    if (key === 'software_id') applyClientRules(metadata);
  },
};

function applyClientRules(metadata: ClientMetadata): void {
  const problem = findRedirectProblem(metadata.redirect_uris);
  if (problem) throw new errors.InvalidClientMetadata(problem);
  metadata.application_type = isNativeClient(metadata.redirect_uris ?? []) ? 'native' : 'web';
  metadata.grant_types = [...GRANT_TYPES];
  metadata.response_types = ['code'];
  if (metadata.token_endpoint_auth_method !== DOCUMENT_AUTH_METHOD) {
    delete metadata.jwks;
    delete metadata.jwks_uri;
  }
  // A stored scope would later refuse requests for more; consent decides, not registration.
  delete metadata.scope;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function isWebLink(value: unknown): boolean {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
}

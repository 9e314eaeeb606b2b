import { hasUnstorableText, parseObject } from './json-object.ts';
import { findRedirectProblem } from './redirect-policy.ts';

/** The longest client id that is looked up: it is the key of rows. */
const MAX_ID_LENGTH = 1000;
const MAX_NAME_LENGTH = 200;

/** Whether a client is known by a document that it publishes at its id (Client ID Metadata Documents, draft-02). */
export function isDocumentId(clientId: string): boolean {
  return /^https:\/\//i.test(clientId) && clientId.length <= MAX_ID_LENGTH;
}

/** The host that vouches for a client by publishing its document there; null for a client that registered itself. */
export function verifiedHostOf(clientId: string): string | null {
  return isDocumentId(clientId) ? (URL.parse(clientId)?.host ?? null) : null;
}

export type ParsedDocument = { body: string } | { problem: string };

/**
 * What is kept of a document that was fetched from `url`: a client's metadata, or the key set that such metadata names.
 * Only members that we use are kept, so that a document cannot carry anything else past our rules.
 */
export function parseClientDocument(url: string, text: string): ParsedDocument {
  const document = parseObject(text);
  if (!document) return { problem: 'it is not a JSON object' };
  if (hasUnstorableText(document)) return { problem: 'it has a character that is none' };
  if (Array.isArray(document['keys']) && !('client_id' in document)) {
    return { body: JSON.stringify({ keys: document['keys'] }) };
  }
  const problem = findProblem(url, document);
  return problem ? { problem } : { body: JSON.stringify(keepMembers(document)) };
}

function findProblem(url: string, document: Record<string, unknown>): string | null {
  if (document['client_id'] !== url) return 'its client_id is not the address it is at';
  if ('client_secret' in document || 'client_secret_expires_at' in document) {
    return 'it has a secret in it, and anybody can read it';
  }
  return findRedirectProblem(document['redirect_uris']) ?? findAuthenticationProblem(document);
}

/** A shared secret cannot be agreed on by a public document; a key can. */
function findAuthenticationProblem(document: Record<string, unknown>): string | null {
  const method = authMethodOf(document);
  if (method === 'none') return null;
  if (method !== 'private_key_jwt') return 'its token_endpoint_auth_method must be none or private_key_jwt';
  const { jwks, jwks_uri: jwksUri } = document;
  if ((jwks === undefined) === (jwksUri === undefined)) {
    return 'for private_key_jwt it must have either jwks or jwks_uri';
  }
  if (jwksUri === undefined) return null;
  const isGood = typeof jwksUri === 'string' && isDocumentId(jwksUri) && URL.canParse(jwksUri);
  return isGood ? null : 'its jwks_uri must be an https address';
}

function keepMembers(document: Record<string, unknown>): Record<string, unknown> {
  const { client_name: name, client_uri: uri } = document;
  const method = authMethodOf(document);
  return {
    client_id: document['client_id'],
    redirect_uris: document['redirect_uris'],
    token_endpoint_auth_method: method,
    ...(typeof name === 'string' ? { client_name: name.slice(0, MAX_NAME_LENGTH).toWellFormed() } : {}),
    ...(typeof uri === 'string' && URL.parse(uri)?.protocol === 'https:' ? { client_uri: uri } : {}),
    ...(method === 'private_key_jwt' ? { jwks: document['jwks'], jwks_uri: document['jwks_uri'] } : {}),
  };
}

function authMethodOf(document: Record<string, unknown>): unknown {
  return document['token_endpoint_auth_method'] || 'none';
}

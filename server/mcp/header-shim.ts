import type { IncomingHttpHeaders } from 'node:http';

import { PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server';

const EARLIER_REVISION = /^202[45]-\d\d-\d\d$/;
const SERVED_REVISION = '2026-07-28';
/** What a header can carry as it is; anything else is sent as base64 (SEP-2243). */
const PLAIN = /^(?!=\?base64\?)[\x21-\x7e]+$/;

/**
 * Some clients name a revision of 2025 in MCP-Protocol-Version and write the body as 2026-07-28 asks. The body is what is
 * served, so the headers are made to say what it says. Only that case: a header that contradicts the body in any other way
 * is left for the SDK to refuse (-32020), and so are Mcp-Method and Mcp-Name when the client sent them.
 * @returns whether the headers were changed
 */
export function alignHeadersWithBody(headers: IncomingHttpHeaders, body: unknown): boolean {
  if (!EARLIER_REVISION.test(String(headers['mcp-protocol-version'] ?? ''))) return false;
  const { method, params } = (body ?? {}) as { method?: unknown; params?: Parameters };
  const revision = params?._meta?.[PROTOCOL_VERSION_META_KEY];
  if (typeof method !== 'string' || revision !== SERVED_REVISION) return false;
  headers['mcp-protocol-version'] = SERVED_REVISION;
  headers['mcp-method'] ??= method;
  if (typeof params?.name === 'string') headers['mcp-name'] ??= toHeaderValue(params.name);
  return true;
}

interface Parameters {
  name?: unknown;
  _meta?: Record<string, unknown>;
}

function toHeaderValue(name: string): string {
  return PLAIN.test(name) ? name : `=?base64?${Buffer.from(name, 'utf8').toString('base64')}?=`;
}

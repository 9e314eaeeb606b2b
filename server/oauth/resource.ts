import type { Context } from '../context.ts';

/** What tokens are for (RFC 8707): the MCP endpoint, spelled as people paste it. */
export function mcpResourceOf(context: Pick<Context, 'publicUrl'>): string {
  return `${context.publicUrl}/mcp`;
}

/**
 * The MCP resource for each spelling of it that clients send: with a trailing slash, in another case of scheme or host,
 * or the bare origin.
 * @returns null when the value names something else
 */
export function canonicalResource(context: Pick<Context, 'publicUrl'>, value: string): string | null {
  const url = URL.parse(value);
  if (!url || url.search || url.hash || url.username || url.password) return null;
  const path = url.pathname.replace(/\/$/, '');
  const isOurs = url.origin === context.publicUrl && (path === '' || path === '/mcp');
  return isOurs ? mcpResourceOf(context) : null;
}

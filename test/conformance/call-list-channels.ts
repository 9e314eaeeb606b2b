import { modernRequest } from '../mcp/serve-mcp.ts';

/** One tool call as any HTTP client can make it. */
export function callListChannels(mcpUrl: string, accessToken: string): Promise<Response> {
  const { headers, body } = modernRequest('tools/call', { name: 'list_channels', arguments: {} });
  return fetch(mcpUrl, {
    method: 'POST',
    headers: {
      ...headers,
      authorization: `Bearer ${accessToken}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify(body),
  });
}

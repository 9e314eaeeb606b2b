import { Agent, request } from 'undici';

export interface Call {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** Sends `count` equal calls over `connections` kept-alive connections; every answer must be 200 and hold `expect`. */
export async function sendCalls(
  call: Call,
  count: number,
  connections: number,
  expect: string,
): Promise<number[]> {
  const agent = new Agent({ connections, pipelining: 1 });
  const latenciesMs: number[] = [];
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      const startedAt = performance.now();
      const answer = await request(call.url, {
        method: 'POST',
        headers: call.headers,
        body: call.body,
        dispatcher: agent,
      });
      const text = await answer.body.text();
      latenciesMs.push(performance.now() - startedAt);
      if (answer.statusCode !== 200 || !text.includes(expect)) {
        throw new Error(`${call.url} answered ${answer.statusCode}: ${text.slice(0, 300)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
  await agent.close();
  return latenciesMs;
}

const MEDIA_TYPES = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** A tools/call as revision 2026-07-28 writes it. */
export function modernCall(url: string, tool: string, input: object, token?: string): Call {
  return modernRequest(url, 'tools/call', { name: tool, arguments: input }, { 'mcp-name': tool }, token);
}

/** A tools/list as revision 2026-07-28 writes it. */
export function modernList(url: string, token: string): Call {
  return modernRequest(url, 'tools/list', {}, {}, token);
}

function modernRequest(
  url: string,
  method: string,
  params: object,
  headers: Record<string, string>,
  token: string | undefined,
): Call {
  return {
    url,
    headers: {
      ...MEDIA_TYPES,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...headers,
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method,
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
          'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
        },
      },
    }),
  };
}

/** A tools/call as revision 2025-11-25 writes it, in a session that is opened first. */
export async function sessionCall(url: string, tool: string, input: object): Promise<Call> {
  const headers = { ...MEDIA_TYPES, 'mcp-protocol-version': '2025-11-25' };
  const opened = await request(url, {
    method: 'POST',
    headers,
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'bench', version: '1.0.0' },
      },
    }),
  });
  await opened.body.dump();
  const session = { ...headers, 'mcp-session-id': String(opened.headers['mcp-session-id']) };
  const initialized = await request(url, {
    method: 'POST',
    headers: session,
    body: JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }),
  });
  await initialized.body.dump();
  return {
    url,
    headers: session,
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: tool, arguments: input },
    }),
  };
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client as EarlierClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as EarlierTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import Koa from 'koa';

import type { Context } from '../../server/context.ts';
import type { Tool } from '../../server/mcp/define-tool.ts';
import { createMcpEndpoint } from '../../server/mcp/endpoint.ts';
import { tools as catalog } from '../../tools/catalog.ts';

export interface ServedMcp extends AsyncDisposable {
  url: string;
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** The endpoint alone on 127.0.0.1. */
export async function serveMcp(
  context: Context,
  tools: readonly Tool[] = catalog,
  openServer?: Parameters<typeof createMcpEndpoint>[2],
): Promise<ServedMcp> {
  const app = new Koa();
  app.use(createMcpEndpoint(context, tools, openServer));
  const handle = app.callback();
  const server = createServer((request, response) => void handle(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  return {
    url,
    post: (body, headers = {}) =>
      fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...headers,
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export const CLIENT_KINDS = ['sdk 1.x', 'client 2.x'] as const;
export type ClientKind = (typeof CLIENT_KINDS)[number];

export interface CallResult {
  isError?: boolean;
  content: { type: string; text?: string }[];
  structuredContent?: Record<string, unknown>;
}

export interface TestClient extends AsyncDisposable {
  /** What stood in MCP-Protocol-Version, newest last. */
  versions: (string | null)[];
  listTools(): Promise<{ name: string; [member: string]: unknown }[]>;
  callTool(name: string, input: Record<string, unknown>): Promise<CallResult>;
  serverName(): string | undefined;
  instructions(): string | undefined;
}

/** A real client with a token of its own. */
export async function openClient(kind: ClientKind, url: string, token: string): Promise<TestClient> {
  const versions: (string | null)[] = [];
  const observedFetch: typeof fetch = (input, init) => {
    versions.push(new Request(input, init).headers.get('mcp-protocol-version'));
    return fetch(input, init);
  };
  const options = { requestInit: { headers: { authorization: `Bearer ${token}` } }, fetch: observedFetch };
  const client = await connect(kind, new URL(url), options);
  return {
    versions,
    listTools: async () => (await client.listTools()).tools,
    callTool: async (name, input) => (await client.callTool({ name, arguments: input })) as CallResult,
    serverName: () => client.getServerVersion()?.name,
    instructions: () => client.getInstructions(),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function connect(
  kind: ClientKind,
  url: URL,
  options: { requestInit: RequestInit; fetch: typeof fetch },
): Promise<EarlierClient | ModernClient> {
  const identity = { name: 'test', version: '1' };
  if (kind === 'client 2.x') {
    const client = new ModernClient(identity, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new ModernTransport(url, options));
    return client;
  }
  const client = new EarlierClient(identity);
  await client.connect(new EarlierTransport(url, options));
  return client;
}

/** A request of 2026-07-28 as it stands on the wire. */
export function modernRequest(method: string, params: Record<string, unknown> = {}) {
  const version = '2026-07-28';
  const name = typeof params['name'] === 'string' ? { 'mcp-name': params['name'] } : {};
  return {
    headers: { 'mcp-protocol-version': version, 'mcp-method': method, ...name },
    body: {
      jsonrpc: '2.0',
      id: 1,
      method,
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': version,
          'io.modelcontextprotocol/clientCapabilities': {},
          'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
        },
      },
    },
  };
}

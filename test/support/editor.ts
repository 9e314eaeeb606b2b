import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import type { OAuthClientInformationFull } from '@modelcontextprotocol/sdk/shared/auth.js';
import type { OAuthDiscoveryState } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client as EarlierClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as EarlierTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { UnauthorizedError as EarlierUnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { UnauthorizedError as ModernUnauthorizedError } from '@modelcontextprotocol/client';

/** The two official clients: sdk 1.x speaks 2025-11-25, client 2.x negotiates 2026-07-28. */
export const EDITOR_KINDS = ['sdk 1.x', 'client 2.x'] as const;
export type EditorKind = (typeof EDITOR_KINDS)[number];

export const EXPECTED_PROTOCOL: Record<EditorKind, string> = {
  'sdk 1.x': '2025-11-25',
  'client 2.x': '2026-07-28',
};

/** The fields of the tools' outputs that the journeys read; which of them is there depends on the tool. */
export interface ToolOutput {
  items: { id: string; network: string; status: string }[];
  campaign_id: string;
  post_id: string;
  rev: number;
  state: string;
  approval_url: string;
  deliveries: { state: string; url?: string; problem?: { code: string } }[];
}

export interface ToolAnswer {
  isError: boolean;
  text: string;
  structured: ToolOutput;
}

export interface WireEntry {
  method: string;
  path: string;
  protocolVersion: string | null;
  status: number;
}

interface StoredTokens {
  access_token: string;
  refresh_token?: string;
  token_type: string;
  expires_in?: number;
  scope?: string;
}

export interface EditorOptions {
  kind: EditorKind;
  mcpUrl: string;
  /** What opens when the client wants the person: a browser at this URL. */
  onAuthorize: (authorizationUrl: URL) => Promise<void>;
  /** Throws every refresh token away, as some clients do. */
  neverRefreshes?: boolean;
}

/** An editor that knows the URL and nothing else. */
export interface Editor extends AsyncDisposable {
  /** Connects; `prompts` counts how often the person was sent to the browser. */
  connect(): Promise<void>;
  listTools(): Promise<string[]>;
  callTool(name: string, input: Record<string, unknown>): Promise<ToolAnswer>;
  /** After a call that ended with the person in the browser: takes their answer and connects anew with it. */
  finishSignIn(): Promise<void>;
  prompts: number;
  wire: WireEntry[];
  tokens(): StoredTokens | undefined;
  /** What a crash between two writes of its store can do to a client. */
  loseRefreshToken(): void;
  /** From now on every request carries the id of a session that nobody knows. */
  claimSession(id: string): void;
  /** As registered. */
  clientId(): string;
}

export async function createEditor(options: EditorOptions): Promise<Editor> {
  const callback = await openCallback();
  const wire: WireEntry[] = [];
  const editor = { prompts: 0 };
  const extraHeaders: Record<string, string> = {};
  let tokens: StoredTokens | undefined;
  let clientInformation: OAuthClientInformationFull | undefined;
  let verifier = '';
  let discovery: OAuthDiscoveryState | undefined;

  const provider = {
    redirectUrl: callback.url,
    clientMetadata: {
      client_name: `Test editor (${options.kind})`,
      redirect_uris: [callback.url],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    clientInformation: () => clientInformation,
    saveClientInformation: (information: object) => {
      clientInformation = information as OAuthClientInformationFull;
    },
    tokens: () => tokens,
    saveTokens: (fresh: StoredTokens) => {
      tokens = fresh;
      if (options.neverRefreshes) delete tokens.refresh_token;
    },
    redirectToAuthorization: async (url: URL) => {
      editor.prompts += 1;
      await options.onAuthorize(url);
    },
    saveCodeVerifier: (value: string) => {
      verifier = value;
    },
    codeVerifier: () => verifier,
    saveDiscoveryState: (state: OAuthDiscoveryState) => {
      discovery = state;
    },
    discoveryState: () => discovery,
  };

  const observedFetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    for (const [name, value] of Object.entries(extraHeaders)) request.headers.set(name, value);
    const response = await fetch(request);
    wire.push({
      method: request.method,
      path: new URL(request.url).pathname,
      protocolVersion: request.headers.get('mcp-protocol-version'),
      status: response.status,
    });
    return response;
  };

  function openClient() {
    const url = new URL(options.mcpUrl);
    const identity = { name: 'test-editor', version: '1.0.0' };
    if (options.kind === 'sdk 1.x') {
      const transport = new EarlierTransport(url, { authProvider: provider, fetch: observedFetch });
      const client = new EarlierClient(identity);
      return {
        client,
        connect: () => client.connect(transport),
        finishAuth: (p: URLSearchParams) => transport.finishAuth(p.get('code')!),
      };
    }
    const transport = new ModernTransport(url, { authProvider: provider, fetch: observedFetch });
    const client = new ModernClient(identity, { versionNegotiation: { mode: 'auto' } });
    return {
      client,
      connect: () => client.connect(transport),
      finishAuth: (p: URLSearchParams) => transport.finishAuth(p),
    };
  }

  let session = openClient();

  async function connect(): Promise<void> {
    try {
      await session.connect();
    } catch (error) {
      const wantsPerson =
        error instanceof EarlierUnauthorizedError || error instanceof ModernUnauthorizedError;
      if (!wantsPerson) throw error;
      await finishSignIn();
    }
  }

  async function finishSignIn(): Promise<void> {
    await session.finishAuth(await callback.nextParameters());
    session = openClient();
    await session.connect();
  }

  return {
    connect,
    finishSignIn,
    async listTools() {
      const { tools } = await session.client.listTools();
      return tools.map((tool) => tool.name);
    },
    async callTool(name, input) {
      const result = await session.client.callTool({ name, arguments: input });
      const [first] = result.content as { text?: string }[];
      return {
        isError: result.isError === true,
        text: first?.text ?? '',
        structured: result.structuredContent as ToolOutput,
      };
    },
    get prompts() {
      return editor.prompts;
    },
    wire,
    tokens: () => tokens,
    loseRefreshToken() {
      delete tokens?.refresh_token;
    },
    claimSession(id) {
      extraHeaders['mcp-session-id'] = id;
    },
    clientId: () => clientInformation!.client_id,
    async [Symbol.asyncDispose]() {
      await session.client.close();
      await callback.close();
    },
  };
}

/** The loopback page on which an editor waits for the code (RFC 8252, section 7.3). */
async function openCallback() {
  const arrived: URLSearchParams[] = [];
  const waiting: ((parameters: URLSearchParams) => void)[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://127.0.0.1');
    response
      .setHeader('content-type', 'text/html')
      .end('<title>Connected</title><h1>You can close this window</h1>');
    if (url.pathname !== '/callback') return;
    const next = waiting.shift();
    if (next) next(url.searchParams);
    else arrived.push(url.searchParams);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`,
    nextParameters(): Promise<URLSearchParams> {
      const parameters = arrived.shift();
      return parameters ? Promise.resolve(parameters) : new Promise((resolve) => waiting.push(resolve));
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

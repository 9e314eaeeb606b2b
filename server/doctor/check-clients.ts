import type { Report } from './report.ts';
import { describeError } from './report.ts';

const AREA = 'Tool calls';
const IDENTITY = { name: 'grantcast-doctor', version: '1.0.0' };
const ADVICE = 'Let the proxy pass every header of the request, and answers as they stream.';

interface Listed {
  name: string;
}

interface Client {
  listTools(): Promise<{ tools: Listed[] }>;
  callTool(call: {
    name: string;
    arguments: Record<string, unknown>;
  }): Promise<{ [member: string]: unknown }>;
  close(): Promise<void>;
}

/** The first tool call by the official client of each protocol line; loaded here, because nothing else needs them. */
export async function checkClients(report: Report, mcpUrl: string, accessToken: string): Promise<void> {
  const lines = {
    'a client of 2025-11-25': connectEarlier,
    'a client of 2026-07-28': connectModern,
  };
  for (const [name, connect] of Object.entries(lines)) {
    report.check({
      area: AREA,
      what: `${name} lists the tools and calls one`,
      problem: await findCallProblem(() => connect(mcpUrl, accessToken)),
      advice: ADVICE,
    });
  }
}

async function findCallProblem(connect: () => Promise<Client>): Promise<string | null> {
  try {
    const client = await connect();
    try {
      const { tools } = await client.listTools();
      if (tools.length === 0) return 'no tools are listed';
      // It reads and needs no input; a connection that may not do it has tools all the same.
      if (!tools.some(({ name }) => name === 'list_channels')) return null;
      const result = await client.callTool({ name: 'list_channels', arguments: {} });
      return result['isError'] ? `the tool failed: ${JSON.stringify(result['content'])}` : null;
    } finally {
      await client.close();
    }
  } catch (error) {
    return describeError(error);
  }
}

async function connectEarlier(mcpUrl: string, accessToken: string): Promise<Client> {
  const { Client: SdkClient } = await import('@modelcontextprotocol/sdk/client/index.js');
  const { StreamableHTTPClientTransport } =
    await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  const client = new SdkClient(IDENTITY);
  await client.connect(new StreamableHTTPClientTransport(new URL(mcpUrl), withToken(accessToken)));
  return client;
}

async function connectModern(mcpUrl: string, accessToken: string): Promise<Client> {
  const { Client: SdkClient, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const client = new SdkClient(IDENTITY, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(new StreamableHTTPClientTransport(new URL(mcpUrl), withToken(accessToken)));
  return client;
}

function withToken(accessToken: string) {
  return { requestInit: { headers: { authorization: `Bearer ${accessToken}` } } };
}

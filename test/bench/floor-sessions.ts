/** The other floor: a bare server of the SDK's v1 line with sessions, 27 echo tools, no authorization, no database. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

import { reportReady } from './measured-process.ts';

const inputSchema = { text: z.string(), limit: z.number().optional() };
const outputSchema = { text: z.string() };
const sessions = new Map<string, StreamableHTTPServerTransport>();

async function openSession(): Promise<StreamableHTTPServerTransport> {
  const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
  });
  const server = new McpServer({ name: 'floor', version: '1.0.0' });
  for (let index = 0; index < 27; index += 1) {
    server.registerTool(
      `echo_${index}`,
      { title: 'Echo', description: 'Says it again.', inputSchema, outputSchema },
      ({ text }) => ({ content: [{ type: 'text', text }], structuredContent: { text } }),
    );
  }
  await server.connect(transport);
  return transport;
}

const server = createServer(async (request, response) => {
  const known = sessions.get(String(request.headers['mcp-session-id'] ?? ''));
  await (known ?? (await openSession())).handleRequest(request, response);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
reportReady({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` }, async () => {
  server.closeAllConnections();
  server.close();
});

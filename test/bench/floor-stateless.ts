/** The floor: a bare server of the SDK's v2 line, stateless, 27 echo tools, no authorization, no database. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

import { reportReady } from './measured-process.ts';

const input = z.object({ text: z.string(), limit: z.number().optional() });
const output = z.object({ text: z.string() });

const handler = createMcpHandler(
  () => {
    const server = new McpServer({ name: 'floor', version: '1.0.0' });
    for (let index = 0; index < 27; index += 1) {
      server.registerTool(
        `echo_${index}`,
        { title: 'Echo', description: 'Says it again.', inputSchema: input, outputSchema: output },
        ({ text }) => ({ content: [{ type: 'text', text }], structuredContent: { text } }),
      );
    }
    return server;
  },
  { legacy: 'stateless' },
);

const answer = toNodeHandler(handler);
const server = createServer((request, response) => {
  // The adapter's type leaves out the undefined that Node's own type has (exactOptionalPropertyTypes).
  void answer(request as Parameters<typeof answer>[0], response);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
reportReady({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` }, async () => {
  server.closeAllConnections();
  server.close();
});

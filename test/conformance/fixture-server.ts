import {
  fromJsonSchema,
  inputRequired,
  McpServer,
  type CallToolResult,
  type InputRequiredResult,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';

const RED_PIXEL_PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const SILENT_WAV = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAAAAA==';
const NO_INPUT = z.object({});

type Result = CallToolResult | InputRequiredResult;
type Answer = (ctx: ServerContext) => Result | Promise<Result>;

/** The tools that the conformance suite looks for by name, as far as they use what our own tools use. */
const FIXTURES: Readonly<Record<string, Answer>> = {
  test_simple_text: () => text('This is a simple text response for testing.'),
  test_image_content: () => ({ content: [{ type: 'image', data: RED_PIXEL_PNG, mimeType: 'image/png' }] }),
  test_audio_content: () => ({ content: [{ type: 'audio', data: SILENT_WAV, mimeType: 'audio/wav' }] }),
  test_embedded_resource: () => ({
    content: [resource('test://embedded-resource', 'text/plain', 'Embedded')],
  }),
  test_multiple_content_types: () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      { type: 'image', data: RED_PIXEL_PNG, mimeType: 'image/png' },
      resource('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
    ],
  }),
  test_error_handling: () => ({
    ...text('This tool intentionally returns an error for testing'),
    isError: true,
  }),
  test_tool_with_progress: async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
      const params = { progressToken: progressToken!, progress, total: 100 };
      await mcpReq.notify({ method: 'notifications/progress', params });
    }
    return text('done');
  },
  test_missing_capability: () =>
    inputRequired({
      inputRequests: { answer: inputRequired.createMessage({ messages: [], maxTokens: 1 }) },
    }),
  test_streaming_elicitation: () => text('nothing to ask'),
  test_logging_tool: () => text('nothing to log'),
};

/** With the keywords that the suite looks for in the list. */
const SCHEMA_OF_2020_12 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object' as const,
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

export function openFixtureServer(): McpServer {
  const server = new McpServer(
    { name: 'fixtures', version: '1.0.0' },
    { capabilities: { tools: { listChanged: false } } },
  );
  for (const [name, answer] of Object.entries(FIXTURES)) {
    const about = { description: `For the conformance suite: ${name}`, inputSchema: NO_INPUT };
    server.registerTool(name, about, (_input, ctx) => answer(ctx));
  }
  const about = { description: 'A schema of 2020-12', inputSchema: fromJsonSchema(SCHEMA_OF_2020_12) };
  server.registerTool('json_schema_2020_12_tool', about, () => text('ok'));
  return server;
}

function text(words: string): CallToolResult {
  return { content: [{ type: 'text', text: words }] };
}

function resource(uri: string, mimeType: string, words: string) {
  return { type: 'resource' as const, resource: { uri, mimeType, text: words } };
}

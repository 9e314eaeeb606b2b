import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ModelRequest {
  path: string;
  headers: IncomingMessage['headers'];
  /** Everything that was said to the model. */
  prompt: string;
  body: Record<string, unknown>;
}

export type ModelAnswer =
  | { captions: { network: string; text: string }[] }
  | { text: string }
  | { status: number; headers?: Record<string, string> }
  | 'nothing';

export interface ModelServer extends AsyncDisposable {
  /** As CAPTION_MODEL_BASE_URL. */
  url: string;
  requests: ModelRequest[];
  /** Answers from now on; called with what was asked and how often before. */
  answer(with_: (request: ModelRequest, before: number) => ModelAnswer): void;
}

/**
 * A server of a model on 127.0.0.1 in the protocols of OpenAI (chat completions, structured output by json_schema) and of
 * Anthropic (messages, structured output by output format or by a tool).
 * @see https://platform.openai.com/docs/api-reference/chat and https://docs.anthropic.com/en/api/messages
 */
export async function startModelServer(): Promise<ModelServer> {
  const requests: ModelRequest[] = [];
  let answerWith: (request: ModelRequest, before: number) => ModelAnswer = () => ({ captions: [] });
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString('utf8');
      const body = JSON.parse(text) as Record<string, unknown>;
      const prompt = [body['system'], body['messages']].map((part) => textsIn(part).join('\n')).join('\n');
      const asked = { path: request.url ?? '', headers: request.headers, prompt, body };
      requests.push(asked);
      send(response, asked, answerWith(asked, requests.length - 1));
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    answer(with_) {
      requests.length = 0;
      answerWith = with_;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  const { text, content } = value as { text?: unknown; content?: unknown };
  return [...textsIn(text), ...textsIn(content)];
}

function send(response: ServerResponse, asked: ModelRequest, answer: ModelAnswer): void {
  if (answer === 'nothing') return;
  if ('status' in answer) {
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(JSON.stringify({ error: { type: 'some_error', message: `no: ${asked.prompt}` } }));
    return;
  }
  const text = 'text' in answer ? answer.text : JSON.stringify(answer);
  const reply = asked.path.endsWith('/messages') ? toMessage(asked, text) : toCompletion(asked, text);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
}

function toCompletion({ body }: ModelRequest, content: string) {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_790_000_000,
    model: body['model'],
    choices: [{ index: 0, message: { role: 'assistant', content, refusal: null }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150 },
  };
}

function toMessage({ body }: ModelRequest, text: string) {
  const [tool] = (body['tools'] ?? []) as { name: string }[];
  const content = tool
    ? [{ type: 'tool_use', id: 'toolu_1', name: tool.name, input: JSON.parse(text) as unknown }]
    : [{ type: 'text', text }];
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: body['model'],
    content,
    stop_reason: tool ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 100, output_tokens: 50 },
  };
}

import type { GuardedFetch, GuardedRequest } from '../../server/fetch.ts';
import { redactExchange, type Exchange } from './redact.ts';

export interface RecordedFetch {
  fetch: GuardedFetch;
  /** Redacted already. */
  exchanges: Exchange[];
  /** Known only later: a session that was opened. */
  addSecrets(secrets: readonly string[]): void;
}

/** The same calls, each written down without what must stay secret. What cannot be redacted ends the run. */
export function recordFetch(fetch: GuardedFetch, known: readonly string[]): RecordedFetch {
  const exchanges: Exchange[] = [];
  const secrets = [...known];
  const recorded = async (input: string | URL, init: GuardedRequest = {}): Promise<Response> => {
    const response = await fetch(input, init);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const exchange: Exchange = {
      method: init.method ?? 'GET',
      url: String(input),
      requestHeaders: Object.fromEntries(new Headers(init.headers)),
      requestBody: await describeBody(init.body),
      status: response.status,
      responseHeaders: Object.fromEntries(response.headers),
      responseBody: Buffer.from(bytes).toString('utf8'),
    };
    exchanges.push(redactExchange(exchange, secrets));
    const { status, statusText, headers } = response;
    const hasBody = status !== 204 && status !== 304;
    return new Response(hasBody ? bytes : null, { status, statusText, headers: [...headers] });
  };
  return {
    fetch: Object.assign(recorded, { close: () => fetch.close() }),
    exchanges,
    addSecrets: (more) => void secrets.push(...more),
  };
}

async function describeBody(body: GuardedRequest['body']): Promise<string | null> {
  if (body === null || body === undefined) return null;
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  if (body instanceof FormData) {
    const fields = [...body].map(([name, value]) => [
      name,
      typeof value === 'string' ? value : `<file of ${value.size} bytes>`,
    ]);
    return JSON.stringify(Object.fromEntries(fields));
  }
  const { byteLength } = body instanceof Uint8Array ? body : await new Response(body).arrayBuffer();
  return `<${byteLength} bytes>`;
}

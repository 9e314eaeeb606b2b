import type { GuardedFetch } from '../fetch.ts';
import { toNetworkError } from './call-failure.ts';
import type { NetworkError } from './network-error.ts';
import { secretsOf, withoutSecrets } from './without-secrets.ts';

const MAX_ANSWER_BYTES = 1_000_000;
const CALL_TIMEOUT_MS = 20_000;

export interface ApiCall {
  url: string | URL;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Bearer. */
  token?: string;
  headers?: Readonly<Record<string, string>>;
  /** At most one of the bodies. */
  json?: unknown;
  form?: Readonly<Record<string, string>>;
  multipart?: FormData;
  bytes?: { body: Uint8Array<ArrayBuffer>; mimeType: string };
  signal: AbortSignal;
  timeoutMs?: number;
}

export interface ApiAnswer {
  status: number;
  headers: Headers;
  /** Parsed JSON; the text itself where it is none. */
  body: unknown;
}

/**
 * One call of a network's API and no more: no retry, no redirect.
 * @param explain what an answer with an error status means; what it does not know it calls ambiguous
 * @throws NetworkError always
 */
export async function callApi(
  fetch: GuardedFetch,
  call: ApiCall,
  network: { name: string; explain(answer: ApiAnswer): NetworkError },
): Promise<ApiAnswer> {
  const { url, method, signal, timeoutMs = CALL_TIMEOUT_MS } = call;
  try {
    const response = await fetch(url, {
      method,
      ...(await encode(call)),
      signal,
      timeoutMs,
      maxBytes: MAX_ANSWER_BYTES,
    });
    const { status, headers } = response;
    const text = await response.text();
    if (response.ok) return { status, headers, body: parse(text) };
    throw network.explain({ status, headers, body: parse(withoutSecrets(text, secretsOf(call))) });
  } catch (error) {
    throw toNetworkError(error, network.name);
  }
}

/** The body as bytes, and the headers that go with it. */
async function encode({ token, headers, json, form, multipart, bytes }: ApiCall): Promise<{
  headers: Record<string, string>;
  body: string | URLSearchParams | Uint8Array<ArrayBuffer> | null;
}> {
  const common = {
    accept: 'application/json',
    ...(token && { authorization: `Bearer ${token}` }),
    ...headers,
  };
  const withType = (type: string) => ({ 'content-type': type, ...common });
  if (json !== undefined) return { headers: withType('application/json'), body: JSON.stringify(json) };
  if (form) return { headers: common, body: new URLSearchParams(form) };
  if (bytes) return { headers: withType(bytes.mimeType), body: bytes.body };
  if (!multipart) return { headers: common, body: null };
  // The fetch that it goes to comes with a FormData of its own, and takes this one for any object.
  const encoded = new Response(multipart);
  return {
    headers: withType(encoded.headers.get('content-type')!),
    body: new Uint8Array(await encoded.arrayBuffer()),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

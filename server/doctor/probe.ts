import { fetch } from 'undici';

const PATIENCE_MS = 15_000;
const MAX_TEXT = 200_000;

export interface Answer {
  status: number;
  header(name: string): string;
  text: string;
  /** Null when the body is no JSON object. */
  json: Record<string, unknown> | null;
}

export interface Question {
  method?: string;
  headers?: Record<string, string>;
  body?: string | URLSearchParams;
}

/**
 * One request as a client makes it, redirects not followed. This is a tool on the operator's own machine that calls the
 * address they typed, so the server's guarded fetch, which refuses private addresses, is not for it.
 *
 * @throws TypeError when no answer comes within 15 s
 */
export async function ask(
  url: URL | string,
  { method = 'GET', headers, body }: Question = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE_MS),
    // What it does wrong on purpose is seen on the page Connections: it should be known as the doctor's.
    headers: { 'user-agent': 'grantcast-doctor', ...headers },
    ...(body !== undefined && { body }),
  });
  const text = (await response.text()).slice(0, MAX_TEXT);
  return {
    status: response.status,
    header: (name) => response.headers.get(name) ?? '',
    text,
    json: parseObject(text),
  };
}

export function askForm(url: string, form: Record<string, string>): Promise<Answer> {
  return ask(url, { method: 'POST', body: new URLSearchParams(form) });
}

export function askJson(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return ask(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify(body),
  });
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** @returns what differs, or null */
export function differs(seen: unknown, expected: unknown): string | null {
  return seen === expected ? null : `${JSON.stringify(seen)} instead of ${JSON.stringify(expected)}`;
}

import type { Visitor } from './visitor.ts';

/** The stream of changes as a browser reads it. */
export interface LiveReader {
  status: number;
  headers: Headers;
  /** How many changes were told so far. */
  changes(): number;
  /** Resolves when the server ends the stream. */
  ended: Promise<void>;
  close(): void;
}

/** Opens the stream and waits until the server says that it begins. @param age of the page, in milliseconds */
export async function openLive(baseUrl: string, visitor: Visitor, age = 0): Promise<LiveReader> {
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const abort = new AbortController();
  const headers = { cookie, accept: 'text/event-stream' };
  const response = await fetch(`${baseUrl}/live?age=${age}`, {
    headers,
    signal: abort.signal,
    redirect: 'manual',
  });
  let text = '';
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
  };
  return {
    status: response.status,
    headers: response.headers,
    changes: () => text.split('event: change').length - 1,
    // Closing it from here ends it as well.
    ended: read().catch(() => {}),
    close: () => abort.abort(),
  };
}

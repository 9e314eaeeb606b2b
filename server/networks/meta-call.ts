// Graph APIs of Meta: graph.facebook.com, graph.instagram.com, graph.threads.com.
// https://developers.facebook.com/docs/graph-api/overview (checked 2026-11)
import { createHmac } from 'node:crypto';

import { z } from 'zod';

import type { GuardedFetch } from '../fetch.ts';
import { callApi } from './call-api.ts';
import { toNetworkError } from './call-failure.ts';
import { explainMetaError } from './meta-errors.ts';

/** What every call of one account shares. */
export interface MetaSession {
  /** As people write the network. */
  name: string;
  /** With the version: `https://graph.threads.com/v1.0`. */
  apiUrl: string;
  token: string;
  /** Where the API takes a proof that the caller knows the app's secret (appsecret_proof); undefined: it does not. */
  appSecret?: string | undefined;
  fetch: GuardedFetch;
  signal: AbortSignal;
}

export interface MetaCall {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below the version, without a slash in front: `me/threads`. */
  path: string;
  query?: Readonly<Record<string, string>>;
  form?: Readonly<Record<string, string>>;
  /** Instead of a form; it is changed. */
  multipart?: FormData;
  timeoutMs?: number;
}

/** Ids are digits, a Page's post has two of them. */
export const metaId = z.string().regex(/^\d{1,40}(_\d{1,40})?$/);

/**
 * The token goes in the body of what is posted, and in the address of what is read, as the documentation has it.
 * @throws NetworkError by the table of meta-errors.ts, or as the failed call itself says; an answer of another shape is ambiguous
 */
export async function callMeta<T>(
  session: MetaSession,
  { method, path, query = {}, form, multipart, timeoutMs }: MetaCall,
  answer: z.ZodType<T>,
): Promise<T> {
  const { name, apiUrl, fetch, signal } = session;
  const url = new URL(`${apiUrl}/${path}`);
  const secrets = secretsOf(session);
  const isInBody = method === 'POST';
  for (const [key, value] of Object.entries({ ...query, ...(!isInBody && secrets) })) {
    url.searchParams.set(key, value);
  }
  if (isInBody && multipart) for (const [key, value] of Object.entries(secrets)) multipart.set(key, value);
  const { body } = await callApi(
    fetch,
    {
      url,
      method,
      ...(isInBody && (multipart ? { multipart } : { form: { ...form, ...secrets } })),
      ...(timeoutMs !== undefined && { timeoutMs }),
      signal,
    },
    { name, explain: (failed) => explainMetaError(failed, name) },
  );
  const parsed = answer.safeParse(body);
  if (!parsed.success) throw toNetworkError(parsed.error, name);
  return parsed.data;
}

/** https://developers.facebook.com/docs/graph-api/guides/secure-requests */
function secretsOf({ token, appSecret }: MetaSession): Record<string, string> {
  return {
    access_token: token,
    ...(appSecret && { appsecret_proof: createHmac('sha256', appSecret).update(token).digest('hex') }),
  };
}

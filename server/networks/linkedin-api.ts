// Calls of LinkedIn's versioned API: https://learn.microsoft.com/en-us/linkedin/marketing/versioning and
// https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/protocol-version (checked 2026-11-21).
import { z } from 'zod';

import type { GuardedFetch } from '../fetch.ts';
import type { NetworkSettings } from '../network-settings.ts';
import { callApi, type ApiAnswer } from './call-api.ts';
import { explainLinkedinError } from './linkedin-errors.ts';
import { NetworkError } from './network-error.ts';
import type { RemoteCall } from './network.ts';

const credentialsSchema = z.object({
  accessToken: z.string().min(1),
  /** Only approved partners are given one. */
  refreshToken: z.string().min(1).optional(),
});

export type LinkedinCredentials = z.infer<typeof credentialsSchema>;

export const memberUrn = z.string().regex(/^urn:li:person:[\w-]{1,100}$/);
export const organizationUrn = z.string().regex(/^urn:li:organization:\d{1,20}$/);
export const postUrn = z.string().regex(/^urn:li:(share|ugcPost):\d{1,30}$/);

/** What every call of one account shares. */
export interface LinkedinSession {
  settings: NetworkSettings['linkedin'];
  token: string;
  fetch: GuardedFetch;
  signal: AbortSignal;
}

export interface LinkedinCall {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below the API's origin, query and all: Rest.li wants the parentheses of its lists as they are, and what is in them encoded. */
  path: string;
  /** What Rest.li is asked to do, where the HTTP method does not say it. */
  restliMethod?: 'FINDER' | 'DELETE';
  json?: unknown;
}

export function readLinkedinCredentials(credentials: string | undefined): LinkedinCredentials {
  const parsed = credentialsSchema.safeParse(JSON.parse(credentials ?? 'null'));
  if (parsed.success) return parsed.data;
  throw new NetworkError('auth_expired', 'no_credentials', 'The LinkedIn account must be linked again.');
}

export function openLinkedinSession(
  settings: NetworkSettings['linkedin'],
  { channel, fetch, signal }: RemoteCall,
): LinkedinSession {
  return { settings, token: readLinkedinCredentials(channel.credentials).accessToken, fetch, signal };
}

/** @throws NetworkError by linkedin-errors.ts, or as the failed call itself says */
export async function callLinkedin(
  { settings, token, fetch, signal }: LinkedinSession,
  { method, path, restliMethod, json }: LinkedinCall,
): Promise<ApiAnswer> {
  return callApi(
    fetch,
    {
      url: `${settings.apiUrl}${path}`,
      method,
      token,
      headers: {
        'linkedin-version': settings.version,
        'x-restli-protocol-version': '2.0.0',
        ...(restliMethod && { 'x-restli-method': restliMethod }),
      },
      ...(json !== undefined && { json }),
      signal,
    },
    { name: 'LinkedIn', explain: explainLinkedinError },
  );
}

/** @throws NetworkError also when the answer has another shape: ambiguous */
export async function readLinkedin<T>(
  session: LinkedinSession,
  call: LinkedinCall,
  answer: z.ZodType<T>,
): Promise<T> {
  const { body } = await callLinkedin(session, call);
  const parsed = answer.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new NetworkError('ambiguous', 'no_answer', 'LinkedIn gave no clear answer.', { cause: parsed.error });
}

/** `List(a,b)` of Rest.li 2.0, each item encoded. */
export function restliList(items: readonly string[]): string {
  return `List(${items.map(encodeURIComponent).join(',')})`;
}

export function isNotFound(error: unknown): boolean {
  return error instanceof NetworkError && /^404\b/.test(String((error.cause as Error | undefined)?.message));
}

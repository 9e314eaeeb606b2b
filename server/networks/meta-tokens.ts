// Long-lived tokens of Threads and Instagram: 60 days, renewable while they live and once they are 24 hours old.
// https://developers.facebook.com/docs/threads/get-started/long-lived-tokens,
// https://developers.facebook.com/documentation/instagram-platform/reference/refresh_access_token (checked 2026-11)
import { z } from 'zod';

import { callMeta, type MetaSession } from './meta-call.ts';
import type { RefreshedCredentials } from './network.ts';
import { NetworkError } from './network-error.ts';

/** A token that nobody renews in 60 days is lost: halfway there leaves a month to notice. */
export const META_REFRESH_AHEAD_SECONDS = 30 * 86_400;

const credentialsSchema = z.object({ token: z.string().min(1) });

export function readMetaToken(credentials: string | undefined, name: string): string {
  const parsed = credentialsSchema.safeParse(JSON.parse(credentials ?? 'null'));
  if (parsed.success) return parsed.data.token;
  throw new NetworkError('auth_expired', 'no_credentials', `The ${name} account must be linked again.`);
}

const longLived = z.object({
  access_token: z.string().min(1).max(4000),
  expires_in: z.int().positive(),
});

/** @param grantType and where to, such as `th_exchange_token`, and the app's secret where it asks for it */
export async function fetchLongLivedToken(
  session: MetaSession,
  path: 'access_token' | 'refresh_access_token',
  query: Record<string, string>,
): Promise<RefreshedCredentials & { token: string }> {
  const answer = await callMeta(session, { method: 'GET', path, query }, longLived);
  const token = answer.access_token;
  const tokenExpiresAt = new Date(Date.now() + answer.expires_in * 1000);
  return { token, credentials: JSON.stringify({ token }), tokenExpiresAt };
}

import { z } from 'zod';

import { callMeta, type MetaSession } from './meta-call.ts';
import type { PublishingQuota } from './network.ts';
import { NetworkError } from './network-error.ts';

/** Of a rolling day; when the oldest post leaves it, nobody tells. */
const LOOK_AGAIN_MS = 3600_000;

const config = z.object({ quota_total: z.int().min(0), quota_duration: z.int().positive() });
const quota = z.object({
  data: z
    .array(
      z.union([
        z
          .object({ quota_usage: z.int().min(0), config })
          .transform((told) => ({ used: told.quota_usage, config: told.config })),
        z
          .object({ reply_quota_usage: z.int().min(0), reply_config: config })
          .transform((told) => ({ used: told.reply_quota_usage, config: told.reply_config })),
      ]),
    )
    .min(1),
});

/** What the account may still publish; the documentation names several totals, only what it answers counts. */
export async function readMetaQuota(
  session: MetaSession,
  path: string,
  fields = 'quota_usage,config',
): Promise<PublishingQuota> {
  const { data } = await callMeta(session, { method: 'GET', path, query: { fields } }, quota);
  const { used, config: limits } = data[0]!;
  return { used, total: limits.quota_total, windowSeconds: limits.quota_duration };
}

/**
 * Asked before a container is made. Where it cannot be told, the publishing call itself says so.
 * @throws NetworkError rate_limited; auth_expired
 */
export async function assertMetaQuota(session: MetaSession, path: string, fields?: string): Promise<void> {
  const told = await readMetaQuota(session, path, fields).catch((error: unknown) => {
    if (error instanceof NetworkError && (error.kind === 'ambiguous' || error.kind === 'rejected'))
      return null;
    throw error;
  });
  if (!told || told.used < told.total) return;
  const message = `${session.name} takes ${told.total} posts of an account in a day, and has them.`;
  throw new NetworkError('rate_limited', 'quota_used', message, {
    until: new Date(Date.now() + LOOK_AGAIN_MS),
  });
}

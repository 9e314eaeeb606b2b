import { z } from 'zod';

import { callMeta, metaId, type MetaSession } from './meta-call.ts';
import type { PostNumbers } from './network.ts';
import { NetworkError } from './network-error.ts';

const value = z.object({ value: z.number().optional() });
const insights = z.object({
  data: z.array(
    z.object({ name: z.string(), values: z.array(value).optional(), total_value: value.optional() }),
  ),
});

/**
 * Metrics by name; what is not told is not in it. Not enough viewers, or a permission that was not given: nothing is told.
 * @returns null when the post is gone
 */
export async function readInsights(
  session: MetaSession,
  path: string,
  metrics: readonly string[],
): Promise<Map<string, number> | null> {
  try {
    const query = { metric: metrics.join(',') };
    const { data } = await callMeta(session, { method: 'GET', path, query }, insights);
    const told = data.flatMap(({ name, values, total_value: total }) => {
      const number = total?.value ?? values?.[0]?.value;
      return number !== undefined && Number.isSafeInteger(number) && number >= 0
        ? [[name, number] as const]
        : [];
    });
    return new Map(told);
  } catch (error) {
    if (isGone(error)) return null;
    if (error instanceof NetworkError && /^(10|2\d\d)(\/|$)/.test(error.code)) return new Map();
    throw error;
  }
}

/** Post by post; of one that is known by its short code nothing can be asked, and one that is gone is left out. */
export async function measurePosts(
  session: MetaSession,
  remoteIds: readonly string[],
  metrics: readonly string[],
  toNumbers: (told: Map<string, number>) => PostNumbers,
): Promise<Map<string, PostNumbers>> {
  const numbers = new Map<string, PostNumbers>();
  for (const id of remoteIds) {
    const isKnown = metaId.safeParse(id).success;
    const told = isKnown ? await readInsights(session, `${id}/insights`, metrics) : new Map<string, number>();
    if (told) numbers.set(id, toNumbers(told));
  }
  return numbers;
}

/** An object that was deleted, or never was: https://developers.facebook.com/docs/graph-api/guides/error-handling */
export function isGone(error: unknown): boolean {
  return (
    error instanceof NetworkError &&
    ['100/33', 'container_not_found', '24/2207006', '803'].includes(error.code)
  );
}

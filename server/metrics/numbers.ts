import type { PostNumbers } from '../networks/network.ts';

/** What networks tell of a post, in the order in which it is shown. */
export const METRICS = ['views', 'likes', 'comments', 'shares', 'clicks'] as const;

export type Metric = (typeof METRICS)[number];

/** What people did with a post: comparable over networks. Null where none of the three is known. */
export function engagementOf({ likes, comments, shares }: PostNumbers): number | null {
  if (likes === null && comments === null && shares === null) return null;
  return (likes ?? 0) + (comments ?? 0) + (shares ?? 0);
}

/** @returns with one decimal; null where either is unknown, or nobody saw it */
export function perThousandViews(engagement: number | null, views: number | null): number | null {
  return engagement === null || !views ? null : Math.round((engagement / views) * 10_000) / 10;
}

import { METRICS, type Metric } from '../metrics/numbers.ts';
import type { NumberGroup } from '../metrics/sum-numbers.ts';

interface Sum {
  value: number | null;
  of_posts: number;
  without: string[];
}

interface Sums extends Record<Metric, Sum> {
  posts: number;
  measured_posts: number;
  engagement: number | null;
}

export function toSums(group: NumberGroup): Sums {
  const sum = (metric: Metric): Sum => {
    const { value, ofPosts, without } = group[metric];
    return { value, of_posts: ofPosts, without };
  };
  return {
    posts: group.posts,
    measured_posts: group.measuredPosts,
    engagement: group.engagement,
    views: sum('views'),
    likes: sum('likes'),
    comments: sum('comments'),
    shares: sum('shares'),
    clicks: sum('clicks'),
  };
}

/** `7 posts, 12 likes, 300 views of 4 posts (bluesky does not tell)`; what nobody tells is named last. */
export function sumsToText(sums: Sums): string {
  const known = METRICS.filter((metric) => sums[metric].value !== null);
  const unknown = METRICS.filter((metric) => sums[metric].value === null);
  return [
    `${sums.posts} posts`,
    ...known.map((metric) => {
      const { value, of_posts, without } = sums[metric];
      const rest = without.length > 0 ? ` of ${of_posts} posts (${without.join(', ')} does not tell)` : '';
      return `${value} ${metric}${rest}`;
    }),
    ...(unknown.length > 0 ? [`not told: ${unknown.join(', ')}`] : []),
  ].join(', ');
}

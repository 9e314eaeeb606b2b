import type { FakeClock } from '../fake-server.ts';
import type { Container } from './containers.ts';

/** What an account shows. */
export interface MetaPost {
  id: string;
  accountId: string;
  shortcode: string;
  text: string;
  replyTo: string | null;
  pictures: Container['pictures'];
  publishedAt: Date;
  numbers: Record<string, number>;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export function publish(container: Container, id: string, clock: Pick<FakeClock, 'now'>): MetaPost {
  container.publishedAs = id;
  const { accountId, text, replyTo, pictures } = container;
  return {
    id,
    accountId,
    shortcode: shortcodeOf(id),
    text,
    replyTo,
    pictures,
    publishedAt: clock.now(),
    numbers: {},
  };
}

/** As their addresses have it: 64 letters, most significant first. */
function shortcodeOf(id: string): string {
  let rest = BigInt(id);
  let code = '';
  for (; rest > 0n; rest /= 64n) code = ALPHABET[Number(rest % 64n)]! + code;
  return code;
}

/** Timestamps in answers: ISO 8601 with seconds and +0000. */
export function timestampOf(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, '+0000');
}

export function countSince(
  posts: Iterable<MetaPost>,
  accountId: string,
  now: Date,
  isReply: boolean,
): number {
  const since = now.getTime() - 24 * 3600_000;
  return [...posts].filter(
    (post) =>
      post.accountId === accountId &&
      (post.replyTo !== null) === isReply &&
      post.publishedAt.getTime() > since,
  ).length;
}

export function insightsOf(
  numbers: Record<string, number>,
  asked: string | null,
  known: readonly string[],
  refuse: (metric: string) => Error,
): { data: object[] } {
  const metrics = (asked ?? '').split(',');
  for (const metric of metrics) if (!known.includes(metric)) throw refuse(metric);
  return {
    data: metrics.flatMap((name) =>
      numbers[name] === undefined ? [] : [{ name, period: 'lifetime', values: [{ value: numbers[name] }] }],
    ),
  };
}

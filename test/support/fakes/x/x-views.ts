// What the stand-in answers of posts and people: fields that were asked for and no others.
import type { FakeXAccount, FakeXPost } from './x-timeline.ts';
import { writeXText } from './x-timeline.ts';

const SHORT_LENGTH = 280;

export function viewPost(
  post: FakeXPost,
  username: string,
  fields: readonly string[],
): Record<string, unknown> {
  const { text, urls } = writeXText(post, username);
  const isLong = text.length > SHORT_LENGTH && urls.length === 0;
  const entities = urls.length > 0 ? { urls } : undefined;
  const told: Record<string, unknown> = {
    attachments: post.pictures.length > 0 ? { media_keys: post.pictures.map(({ key }) => key) } : undefined,
    conversation_id: post.conversationId,
    created_at: post.createdAt.toISOString(),
    entities,
    note_post: isLong ? { text } : undefined,
    public_metrics: post.metrics,
  };
  return {
    id: post.id,
    text: isLong ? `${text.slice(0, SHORT_LENGTH - 1)}…` : text,
    edit_history_post_ids: [post.id],
    ...pick(told, fields),
  };
}

export function viewAccount(
  account: FakeXAccount,
  postCount: number,
  fields: readonly string[],
): Record<string, unknown> {
  const told = {
    subscription_type: account.subscription,
    public_metrics: {
      followers_count: account.followers,
      following_count: 0,
      post_count: postCount,
      listed_count: 0,
    },
  };
  return { id: account.id, name: account.username, username: account.username, ...pick(told, fields) };
}

function pick(told: Record<string, unknown>, fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(told).filter(([name, value]) => fields.includes(name) && value !== undefined),
  );
}

/** The names before 2026-08-07, which the guides still use. */
const OLDER_NAMES: Readonly<Record<string, string>> = {
  repost_count: 'retweet_count',
  post_count: 'tweet_count',
  note_post: 'note_tweet',
  edit_history_post_ids: 'edit_history_tweet_ids',
};

export function inOlderNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOlderNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [OLDER_NAMES[name] ?? name, inOlderNames(held)]),
  );
}

// Posts of the stand-in, and what X makes of their texts: https://docs.x.com/x-api/posts and
// https://docs.x.com/x-api/fundamentals/data-dictionary (checked 2026-11-21).
import { createHash } from 'node:crypto';

import twitterText from 'twitter-text';

import type { FakeClock } from '../fake-server.ts';
import {
  duplicateContent,
  forbidden,
  invalidRequest,
  notFound,
  notPermitted,
  replyNotAllowed,
} from './x-problems.ts';
import type { FakeXPictures } from './x-pictures.ts';

/** For so long X remembers a text; how long it really is, X does not say. */
const DUPLICATE_SECONDS = 86_400;
const SHORT_LENGTH = 280;
const LONG_LENGTH = 25_000;
const METRICS = [
  'repost_count',
  'reply_count',
  'like_count',
  'quote_count',
  'bookmark_count',
  'impression_count',
];

export interface FakeXAccount {
  id: string;
  username: string;
  /** Paying accounts write long posts. */
  subscription: 'None' | 'Premium';
  isLocked: boolean;
  followers: number;
}

export interface FakeXPost {
  id: string;
  authorId: string;
  /** As it was written. */
  text: string;
  createdAt: Date;
  replyTo: string | null;
  conversationId: string;
  pictures: { altText: string; byteCount: number; key: string }[];
  metrics: Record<string, number>;
}

export interface FakeXTimeline {
  /** @param charge called when nothing else stands against it */
  create(author: FakeXAccount, body: Record<string, unknown>, charge: (text: string) => void): FakeXPost;
  remove(author: FakeXAccount, id: string): void;
  find(id: string): FakeXPost | undefined;
  /** Oldest first. */
  listOf(authorId: string): FakeXPost[];
  /** A post of the account that is there already, as written elsewhere. */
  plant(post: Pick<FakeXPost, 'authorId' | 'text'> & Partial<FakeXPost>): FakeXPost;
}

export function keepXTimeline(
  clock: () => FakeClock,
  newId: () => string,
  pictures: FakeXPictures,
  accounts: ReadonlyMap<string, FakeXAccount>,
): FakeXTimeline {
  const posts = new Map<string, FakeXPost>();
  /** Stays when a post is deleted. */
  const writtenAt = new Map<string, number>();

  const assertIsNew = (authorId: string, text: string) => {
    const words = text.normalize('NFC').replaceAll(/\s+/g, ' ').trim().toLowerCase();
    const key = `${authorId} ${words}`;
    const now = clock().now().getTime();
    const before = writtenAt.get(key);
    if (words !== '' && before !== undefined && now - before < DUPLICATE_SECONDS * 1000) {
      throw duplicateContent();
    }
    return () => void writtenAt.set(key, now);
  };
  const findParent = (author: FakeXAccount, id: string): FakeXPost => {
    const parent = posts.get(id);
    if (!parent) throw forbidden('You attempted to reply to a Tweet that is deleted or not visible to you.');
    const mentions = twitterText.extractMentions(parent.text).map((name) => name.toLowerCase());
    const isAllowed = parent.authorId === author.id || mentions.includes(author.username.toLowerCase());
    if (!isAllowed) throw replyNotAllowed();
    return parent;
  };
  const plant: FakeXTimeline['plant'] = (given) => {
    const id = given.id ?? newId();
    const post: FakeXPost = {
      createdAt: clock().now(),
      replyTo: null,
      conversationId: id,
      pictures: [],
      metrics: Object.fromEntries(METRICS.map((name) => [name, 0])),
      ...given,
      id,
    };
    posts.set(id, post);
    return post;
  };

  return {
    create(author, body, charge) {
      if (author.isLocked) {
        throw forbidden(
          'To protect our users from spam and other malicious activity, this account is temporarily locked.',
        );
      }
      const text = typeof body['text'] === 'string' ? body['text'] : '';
      const mediaIds = (body['media'] as { media_ids: string[] } | undefined)?.media_ids ?? [];
      if (text.trim() === '' && mediaIds.length === 0) throw invalidRequest(['text or media is missing.']);
      if ('quote_tweet_id' in body) throw forbidden('Quoting posts is not available for your plan.');
      const length = twitterText.parseTweet(text).weightedLength;
      if (length > (author.subscription === 'None' ? SHORT_LENGTH : LONG_LENGTH)) throw notPermitted();
      if (twitterText.extractCashtags(text).length > 1) throw notPermitted();
      const parentId = (body['reply'] as { in_reply_to_tweet_id: string } | undefined)?.in_reply_to_tweet_id;
      const parent = parentId === undefined ? null : findParent(author, parentId);
      const remember = assertIsNew(author.id, text);
      const shown = pictures.attach(author.id, mediaIds);
      charge(text);
      remember();
      return plant({
        authorId: author.id,
        text: text.normalize('NFC').trim(),
        pictures: shown,
        ...(parent && { replyTo: parent.id, conversationId: parent.conversationId }),
      });
    },
    remove(author, id) {
      const post = posts.get(id);
      if (!post) throw notFound('tweet', id);
      if (post.authorId !== author.id || !accounts.has(author.id)) {
        throw forbidden('You are not authorized to delete this Tweet.');
      }
      posts.delete(id);
    },
    find: (id) => posts.get(id),
    listOf: (authorId) => [...posts.values()].filter((post) => post.authorId === authorId),
    plant,
  };
}

export const hasLink = (text: string) => twitterText.extractUrls(text).length > 0;

/** The text as the API gives it: links shortened, pictures as a link at the end, three characters escaped. */
export function writeXText(
  { id, text, pictures }: FakeXPost,
  username: string,
): {
  text: string;
  urls: { start: number; end: number; url: string; expanded_url: string; media_key?: string }[];
} {
  const urls: { url: string; expanded_url: string; media_key?: string }[] = [];
  let written = '';
  let at = 0;
  for (const { url, indices } of twitterText.extractUrlsWithIndices(text)) {
    const short = shorten(`${id} ${indices[0]}`);
    urls.push({ url: short, expanded_url: /^https?:/i.test(url) ? url : `http://${url}` });
    written += escape(text.slice(at, indices[0])) + short;
    at = indices[1];
  }
  written += escape(text.slice(at));
  const short = shorten(`${id} pictures`);
  for (const { key } of pictures) {
    urls.push({ url: short, expanded_url: `https://x.com/${username}/status/${id}/photo/1`, media_key: key });
  }
  if (pictures.length > 0) written += `${written === '' ? '' : ' '}${short}`;
  return {
    text: written,
    urls: urls.map((entity) => {
      const start = [...written.slice(0, written.indexOf(entity.url))].length;
      return { start, end: start + entity.url.length, ...entity };
    }),
  };
}

const shorten = (what: string) =>
  `https://t.co/${createHash('sha256').update(what).digest('base64url').replaceAll(/[-_]/g, 'x').slice(0, 10)}`;

const escape = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

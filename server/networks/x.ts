// X: https://docs.x.com/x-api/posts/create-post and /posts/delete-post (checked 2026-11-21). X knows no idempotency key: a second
// send of the same text is refused as a duplicate for some time, and what became of a send is looked up among the account's posts.
import { z } from 'zod';

import type { NetworkAppSettings } from '../network-settings.ts';
import type { ChannelAccess, Network, Part, SentPart } from './network.ts';
import { NetworkError } from './network-error.ts';
import { x as rules } from './rules/x.ts';
import { callX, openXSession, xId } from './x-api.ts';
import { createXLink } from './x-link.ts';
import { readXPictures, uploadXPictures } from './x-media.ts';
import { measureXAccount, measureXPosts, X_MEASURE_BATCH } from './x-metrics.ts';
import { priceXPosts } from './x-price.ts';
import { findXPost } from './x-read-back.ts';
import { refreshXTokens } from './x-tokens.ts';

const QUARANTINE_SECONDS = 30;
const SEND_TIMEOUT_MS = 20_000;
const HOSTS = new Set([
  'x.com',
  'www.x.com',
  'mobile.x.com',
  'twitter.com',
  'www.twitter.com',
  'mobile.twitter.com',
]);
const PERMALINK = /^\/(\w{1,20})\/status(?:es)?\/(\d{1,19})(?:\/(?:photo|video)\/\d)?\/?$/;

const created = z.object({ data: z.object({ id: xId }) });
const deleted = z.object({ data: z.object({ deleted: z.boolean() }) });

export function createX(app: NetworkAppSettings): Network {
  const { apiUrl } = app;
  return {
    id: 'x',
    name: 'X',
    guarantee: 'read_back',
    isProven: false,
    link: createXLink(app),
    rules,
    quarantineSeconds: QUARANTINE_SECONDS,
    sendTimeoutMs: SEND_TIMEOUT_MS,
    newKey: (deliveryId, partNo) => `${deliveryId}/${partNo}`,
    preparesAnew: true,

    prepare: async (call) => ({
      mediaIds: await uploadXPictures(openXSession(apiUrl, call), call.part.media, call.part.prepared),
    }),

    payloadOf: (part) => JSON.stringify(bodyOf(part)),

    async send(call) {
      const request = { method: 'POST', path: '/2/tweets', json: bodyOf(call.part) } as const;
      const { data } = await callX(openXSession(apiUrl, call), request, created);
      return toSentPart(data.id, call.channel);
    },

    async readBack(call) {
      const id = await findXPost(openXSession(apiUrl, call), call);
      return id === null ? null : toSentPart(id, call.channel);
    },

    async takeDown(call, parts) {
      const session = openXSession(apiUrl, call);
      for (const { remoteId } of parts.toReversed()) {
        const path = `/2/tweets/${xId.parse(remoteId)}`;
        await callX(session, { method: 'DELETE', path }, deleted).catch(allowGone);
      }
    },

    readPermalink({ host, pathname }, channel) {
      const [, handle, id] = PERMALINK.exec(pathname) ?? [];
      const isOwn = handle?.toLowerCase() === channel.handle.toLowerCase();
      return HOSTS.has(host) && isOwn && id !== undefined ? toSentPart(id, channel) : null;
    },

    measureBatch: X_MEASURE_BATCH,
    measure: (call, remoteIds) => measureXPosts(apiUrl, call, remoteIds),
    measureChannel: (call) => measureXAccount(apiUrl, call),
    priceOf: priceXPosts,
    refresh: (channel, fetch, signal) => refreshXTokens(app, channel, fetch, signal),
  };
}

/** A later part answers the one before it. */
function bodyOf(part: Part) {
  const mediaIds = readXPictures(part.prepared);
  const parent = part.earlier.at(-1);
  return {
    text: part.text,
    ...(mediaIds.length > 0 && { media: { media_ids: mediaIds } }),
    ...(parent && { reply: { in_reply_to_tweet_id: parent.remoteId } }),
  };
}

function toSentPart(id: string, { handle }: Pick<ChannelAccess, 'handle'>): SentPart {
  return { remoteId: id, remoteUrl: `https://x.com/${handle}/status/${id}` };
}

function allowGone(error: unknown): void {
  if (!(error instanceof NetworkError && error.code === 'not_found')) throw error;
}

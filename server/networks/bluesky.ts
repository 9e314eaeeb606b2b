// Bluesky: https://docs.bsky.app/docs/api/com-atproto-repo-put-record and the post lexicon,
// https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json (checked 2026-11).
// A record key that we choose makes a post exact: the same bytes under the same key are a no-op, other bytes are refused.
import { createHash } from 'node:crypto';

import { z } from 'zod';

import { BLUESKY_MEASURE_BATCH, measureBlueskyAccount, measureBlueskyPosts } from './bluesky-metrics.ts';
import { isBlueskyOauth, readBlueskyAccess } from './bluesky-access.ts';
import { createBlueskyLink } from './bluesky-link.ts';
import { createBlueskyOauth, type BlueskyOauthSettings } from './bluesky-oauth.ts';
import { refreshBlueskySession } from './bluesky-session.ts';
import { findBlueskyFacets } from './bluesky-facets.ts';
import {
  blueskyCid,
  blueskyPicture,
  embedBlueskyPictures,
  uploadBlueskyPictures,
} from './bluesky-pictures.ts';
import { callXrpc } from './bluesky-xrpc.ts';
import type { ChannelAccess, Network, Part, SentPart } from './network.ts';
import { NetworkError } from './network-error.ts';
import { bluesky as rules } from './rules/bluesky.ts';

const QUARANTINE_SECONDS = 5;
const SEND_TIMEOUT_MS = 20_000;
const COLLECTION = 'app.bsky.feed.post';
const PERMALINK = /^\/profile\/([\w.:-]+)\/post\/([\w.~:-]{1,512})\/?$/;

const strongRef = z.object({
  uri: z.string().regex(/^at:\/\/[\w.:%-]{1,512}\/[\w.-]{1,317}\/[\w.~:-]{1,512}$/),
  cid: blueskyCid,
});
type StrongRef = z.infer<typeof strongRef>;

const stored = strongRef.extend({ value: z.object({ text: z.string(), createdAt: z.string() }) });
const preparedSchema = z.object({
  facets: z.array(z.unknown()),
  pictures: z.array(blueskyPicture).default([]),
  language: z.string().optional(),
});
const postUri = z.string().regex(/^at:\/\/(did:[a-z]+:[\w.:%-]+)\/app\.bsky\.feed\.post\/([\w.~:-]{1,512})$/);

export function createBluesky(settings: BlueskyOauthSettings): Network {
  const oauth = createBlueskyOauth(settings);
  return {
    id: 'bluesky',
    name: 'Bluesky',
    guarantee: 'exact',
    isProven: true,
    link: createBlueskyLink(oauth),
    rules,
    quarantineSeconds: QUARANTINE_SECONDS,
    sendTimeoutMs: SEND_TIMEOUT_MS,
    newKey: newRecordKey,
    // Other bytes than those that may turn up yet are refused under their key.
    preparesAnew: true,
    takesLanguage: true,

    async prepare({ channel, part, language, fetch, signal }) {
      const { serviceUrl, token } = readBlueskyAccess(channel.credentials);
      const facets = await findBlueskyFacets(part.text, { serviceUrl, fetch, signal });
      const pictures = await uploadBlueskyPictures({ serviceUrl, token, fetch, signal }, part.media);
      return { facets, ...(pictures.length > 0 && { pictures }), ...(language && { language }) };
    },

    payloadOf: (part) => JSON.stringify(recordOf(part)),

    async send({ channel, part, fetch, signal }) {
      const { serviceUrl, token } = readBlueskyAccess(channel.credentials);
      const body = {
        repo: channel.remoteAccountId,
        collection: COLLECTION,
        rkey: part.key,
        record: recordOf(part),
        swapRecord: null,
      };
      const nsid = 'com.atproto.repo.putRecord';
      const ref = await callXrpc(fetch, { serviceUrl, method: 'POST', nsid, token, body, signal }, strongRef);
      return toSentPart(ref, channel, part);
    },

    async readBack({ channel, part, fetch, signal }) {
      const { serviceUrl } = readBlueskyAccess(channel.credentials);
      const query = { repo: channel.remoteAccountId, collection: COLLECTION, rkey: part.key };
      try {
        const nsid = 'com.atproto.repo.getRecord';
        const { uri, cid, value } = await callXrpc(
          fetch,
          { serviceUrl, method: 'GET', nsid, query, signal },
          stored,
        );
        const isOurs = value.text === part.text && value.createdAt === part.frozenAt.toISOString();
        return isOurs ? toSentPart({ uri, cid }, channel, part) : null;
      } catch (error) {
        if (error instanceof NetworkError && error.code === 'RecordNotFound') return null;
        throw error;
      }
    },

    async takeDown({ channel, fetch, signal }, parts) {
      const { serviceUrl, token } = readBlueskyAccess(channel.credentials);
      const nsid = 'com.atproto.repo.deleteRecord';
      for (const { remoteId } of parts.toReversed()) {
        const rkey = postUri.parse(remoteId).split('/').at(-1);
        const body = { repo: channel.remoteAccountId, collection: COLLECTION, rkey };
        await callXrpc(fetch, { serviceUrl, method: 'POST', nsid, token, body, signal }, z.unknown());
      }
    },

    readPermalink({ host, pathname }, { handle, remoteAccountId }) {
      const [, account, rkey] = PERMALINK.exec(pathname) ?? [];
      const isOwn = account === remoteAccountId || account?.toLowerCase() === handle.toLowerCase();
      if (host !== 'bsky.app' || !isOwn) return null;
      return {
        remoteId: `at://${remoteAccountId}/${COLLECTION}/${rkey}`,
        remoteUrl: `https://bsky.app/profile/${handle}/post/${rkey}`,
      };
    },

    measureBatch: BLUESKY_MEASURE_BATCH,
    measure: measureBlueskyPosts,
    measureChannel: measureBlueskyAccount,

    refresh: (channel, fetch, signal) =>
      isBlueskyOauth(channel.credentials)
        ? oauth.refresh(channel.credentials, fetch)
        : refreshBlueskySession(channel.credentials, fetch, signal),
  };
}

/** The same part always yields the same record, `createdAt` included. */
function recordOf(part: Part) {
  const { facets, pictures, language } = preparedSchema.parse(part.prepared);
  const root = part.earlier[0];
  const parent = part.earlier.at(-1);
  return {
    $type: COLLECTION,
    text: part.text,
    createdAt: part.frozenAt.toISOString(),
    ...(language && { langs: [language] }),
    ...(facets.length > 0 && { facets }),
    ...embedBlueskyPictures(pictures),
    ...(root && parent && { reply: { root: refOf(root), parent: refOf(parent) } }),
  };
}

function refOf(part: SentPart): StrongRef {
  return strongRef.parse(part.remoteRef);
}

function toSentPart(ref: StrongRef, channel: ChannelAccess, part: Part): SentPart {
  return {
    remoteId: ref.uri,
    remoteUrl: `https://bsky.app/profile/${channel.handle}/post/${part.key}`,
    remoteRef: { uri: ref.uri, cid: ref.cid },
  };
}

const TID_ALPHABET = '234567abcdefghijklmnopqrstuvwxyz';

/**
 * A TID (https://atproto.com/specs/tid): 53 bits of microseconds and a 10-bit clock id, 13 characters. Below the
 * millisecond it is drawn from a hash of delivery and part, so that two deliveries do not meet; parts keep their order.
 */
function newRecordKey(deliveryId: string, partNo: number, frozenAt: Date): string {
  const hash = createHash('sha256').update(`${deliveryId}/${partNo}`).digest();
  const microseconds = BigInt(frozenAt.getTime() + partNo) * 1000n + BigInt(hash.readUInt16BE(0) % 1000);
  let rest = (microseconds << 10n) | BigInt(hash.readUInt16BE(2) & 0x3ff);
  let key = '';
  for (let digit = 0; digit < 13; digit += 1) {
    key = TID_ALPHABET[Number(rest & 31n)]! + key;
    rest >>= 5n;
  }
  return key;
}

// Mastodon, and what speaks its protocol: https://docs.joinmastodon.org/methods/statuses/ (checked 2026-11-21). A key makes a post
// idempotent for an hour: the server answers with the post that it made the first time. It writes the key down after the post, and
// older servers look for it without a lock, so a repeat has to wait until the first call is surely over.
// `scheduled_at` is never used: who goes out when is ours to say, and some servers publish at once all the same.
import { createHash } from 'node:crypto';

import { askMastodon, openMastodonSession, callMastodon, mastodonId } from './mastodon-api.ts';
import { mastodonLink } from './mastodon-link.ts';
import { readMastodonLimits } from './mastodon-limits.ts';
import { uploadMastodonPictures } from './mastodon-media.ts';
import { MASTODON_MEASURE_BATCH, measureMastodonAccount, measureMastodonPosts } from './mastodon-metrics.ts';
import { createdStatus, findMastodonPart, mastodonPostOf, toSentPart } from './mastodon-statuses.ts';
import type { Network } from './network.ts';
import { NetworkError } from './network-error.ts';
import { mastodon as rules } from './rules/mastodon.ts';

/** Longer than a call may take on a server whose database is slow. */
const QUARANTINE_SECONDS = 70;
const SEND_TIMEOUT_MS = 20_000;
/** Servers forget a key after an hour; the rest is for the way there. */
const KEY_LIFETIME_SECONDS = 3300;
const PERMALINK =
  /^\/(?:@(?<handle>[\w.@:-]+)|users\/(?<name>[\w.-]+)\/statuses)\/(?:statuses\/)?(?<id>[\w-]{1,64})\/?$/;

export function createMastodon(): Network {
  return {
    id: 'mastodon',
    name: 'Mastodon',
    guarantee: 'idempotent',
    keyLifetimeSeconds: KEY_LIFETIME_SECONDS,
    isProven: false,
    link: mastodonLink,
    rules,
    quarantineSeconds: QUARANTINE_SECONDS,
    sendTimeoutMs: SEND_TIMEOUT_MS,
    newKey: newIdempotencyKey,

    takesLanguage: true,

    async prepare({ channel, part, language, fetch, signal }) {
      const told = language ? { language } : {};
      if (part.media.length === 0) return told;
      const session = openMastodonSession({ channel, fetch, signal });
      return { ...told, ...(await uploadMastodonPictures(session, part.media, part.prepared)) };
    },

    payloadOf: (part) => JSON.stringify(mastodonPostOf(part)),

    async send({ channel, part, fetch, signal }) {
      const session = openMastodonSession({ channel, fetch, signal });
      const call = {
        method: 'POST',
        path: '/api/v1/statuses',
        json: mastodonPostOf(part),
        headers: { 'idempotency-key': part.key },
        timeoutMs: SEND_TIMEOUT_MS,
      } as const;
      return toSentPart(await callMastodon(session, call, createdStatus), session.server, channel);
    },

    async readBack(call) {
      const session = openMastodonSession(call);
      const status = await findMastodonPart(session, call);
      return status && toSentPart(status, session.server, call.channel);
    },

    async takeDown(call, parts) {
      const session = openMastodonSession(call);
      for (const { remoteId } of parts.toReversed()) {
        try {
          const path = `/api/v1/statuses/${mastodonId.parse(remoteId)}`;
          await askMastodon(session, { method: 'DELETE', path, query: { delete_media: 'true' } });
        } catch (error) {
          if (!(error instanceof NetworkError && error.code === 'not_found')) throw error;
        }
      }
    },

    readPermalink(url, { handle, remoteAccountId }) {
      const host = remoteAccountId.slice(remoteAccountId.indexOf('@') + 1);
      const { handle: shown, name, id } = PERMALINK.exec(url.pathname)?.groups ?? {};
      const account = (shown ?? name)?.toLowerCase();
      const own = handle.toLowerCase();
      const isOwn = account === own || account === own.split('@')[0];
      if (url.host !== host || !id || !isOwn) return null;
      return { remoteId: id, remoteUrl: url.origin + url.pathname };
    },

    measureBatch: MASTODON_MEASURE_BATCH,
    measure: measureMastodonPosts,
    measureChannel: measureMastodonAccount,
    readOwnLimits: (call) => readMastodonLimits(openMastodonSession(call)),
  };
}

/**
 * Texts are frozen together with the moment, in one statement, and pictures are prepared after it: other bytes are of another
 * moment, so the same key never goes with them.
 */
function newIdempotencyKey(deliveryId: string, partNo: number, frozenAt: Date): string {
  return createHash('sha256').update(`${deliveryId}/${partNo}/${frozenAt.toISOString()}`).digest('base64url');
}

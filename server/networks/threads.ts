// Threads: https://developers.facebook.com/documentation/threads (checked 2026-11)
import { z } from 'zod';

import type { NetworkAppSettings } from '../network-settings.ts';
import { callMeta, metaId, type MetaSession } from './meta-call.ts';
import {
  creationIdOf,
  isContainerPublished,
  prepareContainer,
  publishContainer,
  type ContainerApi,
} from './meta-container.ts';
import { findPublishedPost } from './meta-find-post.ts';
import { isGone } from './meta-insights.ts';
import { readOwnPermalink, toMetaPart } from './meta-permalink.ts';
import { assertMetaQuota, readMetaQuota } from './meta-quota.ts';
import { fetchLongLivedToken, META_REFRESH_AHEAD_SECONDS, readMetaToken } from './meta-tokens.ts';
import type { ChannelAccess, Network, Part, PartMedia, RemoteCall, SentPart } from './network.ts';
import { NetworkError } from './network-error.ts';
import { threads as rules } from './rules/threads.ts';
import { createThreadsLink } from './threads-link.ts';
import { measureThreadsAccount, measureThreadsPosts } from './threads-metrics.ts';

const NAME = 'Threads';
const VERSION = 'v1.0';
const QUARANTINE_SECONDS = 120;
const SEND_TIMEOUT_MS = 20_000;
const WEB = 'https://www.threads.com';
const HOSTS = new Set(['threads.com', 'www.threads.com', 'threads.net', 'www.threads.net']);
const PERMALINK = /^\/@([\w.]{1,30})\/post\/([\w-]{1,64})\/?$/;

const api: ContainerApi = {
  createEdge: 'threads',
  publishEdge: 'threads_publish',
  statusFields: 'status,error_message',
  formOfPost: (part, picture) => ({
    media_type: picture ? 'IMAGE' : 'TEXT',
    text: part.text,
    ...(picture && formOfPicture(picture)),
    ...replyOf(part),
  }),
  formOfCarouselItem: (picture) => ({
    media_type: 'IMAGE',
    is_carousel_item: 'true',
    ...formOfPicture(picture),
  }),
  formOfCarousel: (part, children) => ({
    media_type: 'CAROUSEL',
    text: part.text,
    children: children.join(','),
    ...replyOf(part),
  }),
  // Answers to posts have a quota of their own.
  assertQuota: (session, account, { earlier }) =>
    assertMetaQuota(
      session,
      `${account}/threads_publishing_limit`,
      earlier.length > 0 ? 'reply_quota_usage,reply_config' : undefined,
    ),
};

export function createThreads(app: NetworkAppSettings): Network {
  const sessionOf = ({ channel, fetch, signal }: RemoteCall): MetaSession => ({
    name: NAME,
    apiUrl: `${app.apiUrl}/${VERSION}`,
    token: readMetaToken(channel.credentials, NAME),
    fetch,
    signal,
  });
  return {
    id: 'threads',
    name: NAME,
    guarantee: 'exact',
    isProven: false,
    link: createThreadsLink(app, VERSION),
    rules,
    quarantineSeconds: QUARANTINE_SECONDS,
    sendTimeoutMs: SEND_TIMEOUT_MS,
    newKey: (deliveryId, partNo) => `${deliveryId}/${partNo}`,
    preparesInOrder: true,
    preparesAnew: true,

    prepare: (call) => prepareContainer(api, sessionOf(call), call),

    payloadOf: (part) => JSON.stringify({ creation_id: creationIdOf(part) }),

    async send(call) {
      const session = sessionOf(call);
      const id = await publishContainer(api, session, call.channel.remoteAccountId, call.part);
      return toSentPart(id, await readOwnPermalink(session, id), call.channel);
    },

    async readBack(call) {
      const session = sessionOf(call);
      if (!(await isContainerPublished(api, session, call.part))) return null;
      const { text, frozenAt, earlier } = call.part;
      const parent = earlier.at(-1);
      const found = await findPublishedPost(
        session,
        parent
          ? { path: 'me/replies', fields: 'id,text,timestamp,permalink,replied_to' }
          : { path: 'me/threads', fields: 'id,text,timestamp,permalink' },
        { text, since: frozenAt, repliesTo: parent?.remoteId ?? null, known: call.known },
      );
      return toSentPart(found.id, found.permalink, call.channel);
    },

    async takeDown(call, parts) {
      const session = sessionOf(call);
      for (const { remoteId } of parts.toReversed()) {
        const path = idOf(remoteId);
        await callMeta(session, { method: 'DELETE', path }, z.object({ success: z.literal(true) })).catch(
          (error: unknown) => {
            if (!isGone(error)) throw error;
          },
        );
      }
    },

    readPermalink({ hostname, pathname }, { handle }) {
      const [, account, shortcode] = PERMALINK.exec(pathname) ?? [];
      if (!HOSTS.has(hostname) || !shortcode || account?.toLowerCase() !== handle.toLowerCase()) return null;
      return { remoteId: shortcode, remoteUrl: `${WEB}/@${handle}/post/${shortcode}` };
    },

    measure: (call, remoteIds) => measureThreadsPosts(sessionOf(call), remoteIds),
    measureChannel: (call) => measureThreadsAccount(sessionOf(call)),
    readQuota: (call) =>
      readMetaQuota(sessionOf(call), `${call.channel.remoteAccountId}/threads_publishing_limit`),

    refreshAheadSeconds: META_REFRESH_AHEAD_SECONDS,
    refresh: (channel, fetch, signal) =>
      fetchLongLivedToken(
        { ...sessionOf({ channel, fetch, signal }), apiUrl: app.apiUrl },
        'refresh_access_token',
        {
          grant_type: 'th_refresh_token',
        },
      ),
  };
}

function formOfPicture({ publicUrl, altText }: PartMedia): Record<string, string> {
  return { image_url: publicUrl ?? '', ...(altText && { alt_text: altText }) };
}

function replyOf({ earlier }: Part): { reply_to_id?: string } {
  const parent = earlier.at(-1);
  return parent ? { reply_to_id: idOf(parent.remoteId) } : {};
}

/** A post that a person settled by its address is known by its short code, which no call takes. */
function idOf(remoteId: string): string {
  const parsed = metaId.safeParse(remoteId);
  if (parsed.success) return parsed.data;
  throw new NetworkError(
    'rejected',
    'post_id_unknown',
    `This post was recorded by its address, so ${NAME} cannot be told which one it is. Do it in the app.`,
  );
}

function toSentPart(id: string, permalink: string | undefined, channel: ChannelAccess): SentPart {
  return toMetaPart(id, permalink, { hosts: HOSTS, fallback: `${WEB}/@${channel.handle}` });
}

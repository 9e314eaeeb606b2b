// Instagram API with Instagram login: https://developers.facebook.com/documentation/instagram-platform (checked 2026-11)
// No text alone, no threads, and nothing that was published can be removed by API.
import type { NetworkSettings } from '../network-settings.ts';
import { createInstagramLink } from './instagram-link.ts';
import { measureInstagramAccount, measureInstagramPosts } from './instagram-metrics.ts';
import type { MetaSession } from './meta-call.ts';
import {
  creationIdOf,
  isContainerPublished,
  prepareContainer,
  publishContainer,
  type ContainerApi,
} from './meta-container.ts';
import { findPublishedPost } from './meta-find-post.ts';
import { readOwnPermalink, toMetaPart } from './meta-permalink.ts';
import { assertMetaQuota, readMetaQuota } from './meta-quota.ts';
import { fetchLongLivedToken, META_REFRESH_AHEAD_SECONDS, readMetaToken } from './meta-tokens.ts';
import type { ChannelAccess, Network, PartMedia, RemoteCall, SentPart } from './network.ts';
import { NetworkError } from './network-error.ts';
import { instagram as rules } from './rules/instagram.ts';

const NAME = 'Instagram';
const QUARANTINE_SECONDS = 120;
const SEND_TIMEOUT_MS = 20_000;
const WEB = 'https://www.instagram.com';
const HOSTS = new Set(['instagram.com', 'www.instagram.com']);
const PERMALINK = /^(?:\/([\w.]{1,30}))?\/(?:p|reel)\/([\w-]{1,64})\/?$/;

const api: ContainerApi = {
  createEdge: 'media',
  publishEdge: 'media_publish',
  statusFields: 'status_code,status',
  formOfPost: (part, picture) => ({ caption: part.text, ...formOfPicture(picture) }),
  formOfCarouselItem: (picture) => ({ is_carousel_item: 'true', ...formOfPicture(picture) }),
  formOfCarousel: (part, children) => ({
    media_type: 'CAROUSEL',
    caption: part.text,
    children: children.join(','),
  }),
  assertQuota: (session, account) => assertMetaQuota(session, `${account}/content_publishing_limit`),
};

export function createInstagram(app: NetworkSettings['instagram']): Network {
  const sessionOf = ({ channel, fetch, signal }: RemoteCall): MetaSession => ({
    name: NAME,
    apiUrl: `${app.apiUrl}/${app.graphVersion}`,
    token: readMetaToken(channel.credentials, NAME),
    fetch,
    signal,
  });
  return {
    id: 'instagram',
    name: NAME,
    guarantee: 'exact',
    isProven: false,
    link: createInstagramLink(app),
    rules,
    quarantineSeconds: QUARANTINE_SECONDS,
    sendTimeoutMs: SEND_TIMEOUT_MS,
    newKey: (deliveryId, partNo) => `${deliveryId}/${partNo}`,
    preparesAnew: true,

    async prepare(call) {
      return prepareContainer(api, sessionOf(call), call);
    },

    payloadOf: (part) => JSON.stringify({ creation_id: creationIdOf(part) }),

    async send(call) {
      const session = sessionOf(call);
      const id = await publishContainer(api, session, call.channel.remoteAccountId, call.part);
      return toSentPart(id, await readOwnPermalink(session, id), call.channel);
    },

    async readBack(call) {
      const session = sessionOf(call);
      if (!(await isContainerPublished(api, session, call.part))) return null;
      const { text, frozenAt } = call.part;
      const list = {
        path: `${call.channel.remoteAccountId}/media`,
        fields: 'id,caption,timestamp,permalink',
      };
      const found = await findPublishedPost(session, list, {
        text,
        since: frozenAt,
        repliesTo: null,
        known: call.known,
      });
      return toSentPart(found.id, found.permalink, call.channel);
    },

    readPermalink({ hostname, pathname }, { handle }) {
      const [, account, shortcode] = PERMALINK.exec(pathname) ?? [];
      const isOther = account !== undefined && account.toLowerCase() !== handle.toLowerCase();
      if (!HOSTS.has(hostname) || !shortcode || isOther) return null;
      return { remoteId: shortcode, remoteUrl: `${WEB}/p/${shortcode}/` };
    },

    measure: (call, remoteIds) => measureInstagramPosts(sessionOf(call), remoteIds),
    measureChannel: (call) => measureInstagramAccount(sessionOf(call)),
    readQuota: (call) =>
      readMetaQuota(sessionOf(call), `${call.channel.remoteAccountId}/content_publishing_limit`),

    refreshAheadSeconds: META_REFRESH_AHEAD_SECONDS,
    refresh: (channel, fetch, signal) =>
      fetchLongLivedToken(
        { ...sessionOf({ channel, fetch, signal }), apiUrl: app.apiUrl },
        'refresh_access_token',
        {
          grant_type: 'ig_refresh_token',
        },
      ),
  };
}

function formOfPicture(picture: PartMedia | undefined): Record<string, string> {
  if (!picture)
    throw new NetworkError('rejected', 'picture_missing', `${NAME} takes no post without a picture.`);
  const { publicUrl, altText } = picture;
  return { image_url: publicUrl ?? '', ...(altText && { alt_text: altText }) };
}

function toSentPart(id: string, permalink: string | undefined, channel: ChannelAccess): SentPart {
  return toMetaPart(id, permalink, { hosts: HOSTS, fallback: `${WEB}/${channel.handle}/` });
}

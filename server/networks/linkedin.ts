// LinkedIn, members and organisations: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api
// (checked 2026-11-21). It knows no key against posting twice. What an organisation has posted can be read, what a member has
// posted cannot (r_member_social is closed), so an unclear send of a member is a person's to settle.
import { z } from 'zod';

import type { NetworkSettings } from '../network-settings.ts';
import {
  callLinkedin,
  isNotFound,
  openLinkedinSession,
  organizationUrn,
  postUrn,
  readLinkedin,
  readLinkedinCredentials,
} from './linkedin-api.ts';
import { createLinkedinLink, refreshLinkedin } from './linkedin-link.ts';
import { linkedinMeasureBatch, measureLinkedinAccount, measureLinkedinPosts } from './linkedin-metrics.ts';
import { readLinkedinPermalink, urlOfPost } from './linkedin-permalink.ts';
import { contentOf, preparePictures, readPrepared } from './linkedin-pictures.ts';
import { escapeLittleText, readLittleText, readVisibleText } from './little-text.ts';
import type { ChannelAccess, Network, Part, ReadBackCall, SentPart } from './network.ts';
import { NetworkError } from './network-error.ts';
import { linkedin as rules } from './rules/linkedin.ts';

const QUARANTINE_SECONDS = 90;
const SEND_TIMEOUT_MS = 25_000;
/** A post of ours appears after it was frozen, by clocks that may differ; how long after, nobody knows: it may be sent again. */
const CLOCK_MARGIN_MS = 2 * 60_000;
const PAGE_SIZE = 50;

const pictureRef = z.object({ id: z.string() });
const found = z.object({
  elements: z.array(
    z.object({
      id: postUrn,
      author: z.string(),
      commentary: z.string().default(''),
      createdAt: z.number(),
      publishedAt: z.number().optional(),
      lifecycleState: z.string(),
      content: z
        .object({
          media: pictureRef.optional(),
          multiImage: z.object({ images: z.array(pictureRef) }).optional(),
        })
        .optional(),
    }),
  ),
});
type FoundPost = z.infer<typeof found>['elements'][number];

export function createLinkedin(settings: NetworkSettings['linkedin']): Network {
  return {
    id: 'linkedin',
    name: 'LinkedIn',
    guarantee: 'read_back',
    guaranteeFor: (channel) => (mayRead(channel) ? 'read_back' : 'none'),
    isProven: false,
    link: createLinkedinLink(settings),
    rules,
    quarantineSeconds: QUARANTINE_SECONDS,
    sendTimeoutMs: SEND_TIMEOUT_MS,
    newKey: (deliveryId, partNo) => `${deliveryId}/${partNo}`,

    prepare: ({ channel, part, fetch, signal }) =>
      preparePictures(openLinkedinSession(settings, { channel, fetch, signal }), {
        owner: channel.remoteAccountId,
        media: part.media,
        known: part.prepared,
        mayRead: mayRead(channel),
      }),

    payloadOf: (part, channel) => JSON.stringify(postOf(part, channel)),

    async send(call) {
      const session = openLinkedinSession(settings, call);
      const json = postOf(call.part, call.channel);
      const { headers } = await callLinkedin(session, { method: 'POST', path: '/rest/posts', json });
      const id = postUrn.safeParse(headers.get('x-restli-id'));
      if (id.success) return toSentPart(id.data);
      throw new NetworkError('ambiguous', 'no_answer', 'LinkedIn gave no clear answer.', { cause: id.error });
    },

    async readBack(call) {
      const { channel } = call;
      if (!mayRead(channel)) {
        const message = 'LinkedIn lets nobody read what a member has posted. Look at the profile.';
        throw new NetworkError('rejected', 'cannot_read_back', message);
      }
      const author = encodeURIComponent(channel.remoteAccountId);
      const path = `/rest/posts?author=${author}&q=author&count=${PAGE_SIZE}&sortBy=CREATED`;
      const session = openLinkedinSession(settings, call);
      const { elements } = await readLinkedin(
        session,
        { method: 'GET', path, restliMethod: 'FINDER' },
        found,
      );
      const [first, second] = elements.filter((post) => isOurs(post, call));
      if (first && second) {
        const message = 'Several posts of this account look exactly like this one.';
        throw new NetworkError('rejected', 'several_match', message);
      }
      if (first) return toSentPart(first.id);
      if (elements.length >= PAGE_SIZE && elements.every((post) => isInTime(post, call.part))) {
        const message = 'The account posted too much since to look through.';
        throw new NetworkError('ambiguous', 'too_many_posts', message);
      }
      return null;
    },

    async takeDown(call, parts) {
      const session = openLinkedinSession(settings, call);
      for (const { remoteId } of parts.toReversed()) {
        if (!postUrn.safeParse(remoteId).success) {
          const message = 'LinkedIn takes this post down only on its own pages.';
          throw new NetworkError('rejected', 'cannot_take_down', message);
        }
        const path = `/rest/posts/${encodeURIComponent(remoteId)}`;
        try {
          await callLinkedin(session, { method: 'DELETE', path, restliMethod: 'DELETE' });
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
      }
    },

    readPermalink: readLinkedinPermalink,
    measureBatch: linkedinMeasureBatch,
    measure: (call, remoteIds) =>
      measureLinkedinPosts(openLinkedinSession(settings, call), call.channel, remoteIds),
    measureChannel: (call) => measureLinkedinAccount(openLinkedinSession(settings, call), call.channel),
    // Only the apps of approved partners are given a refresh token.
    canRenew: (credentials) => readLinkedinCredentials(credentials).refreshToken !== undefined,
    refresh: (channel, fetch, signal) => refreshLinkedin(settings, channel.credentials, { fetch, signal }),
  };
}

function mayRead({
  remoteAccountId,
  grantedScopes,
}: Pick<ChannelAccess, 'remoteAccountId' | 'grantedScopes'>): boolean {
  return (
    organizationUrn.safeParse(remoteAccountId).success && grantedScopes.includes('r_organization_social')
  );
}

function postOf(part: Part, channel: ChannelAccess) {
  return {
    author: channel.remoteAccountId,
    commentary: escapeLittleText(part.text),
    visibility: 'PUBLIC',
    distribution: { feedDistribution: 'MAIN_FEED', targetEntities: [], thirdPartyDistributionChannels: [] },
    ...contentOf(readPrepared(part.prepared)),
    lifecycleState: 'PUBLISHED',
    isReshareDisabledByAuthor: false,
  };
}

function isInTime({ publishedAt, createdAt }: FoundPost, { frozenAt }: Part): boolean {
  return (publishedAt ?? createdAt) >= frozenAt.getTime() - CLOCK_MARGIN_MS;
}

/** Our author, our time, our text, the very pictures that we uploaded, and no post of another delivery. */
function isOurs(post: FoundPost, { channel, part, known }: ReadBackCall): boolean {
  const { media, multiImage } = post.content ?? {};
  const shown = (media ? [media] : (multiImage?.images ?? [])).map(({ id }) => id);
  const uploaded = readPrepared(part.prepared).pictures.map(({ image }) => image);
  return (
    !known?.has(post.id) &&
    post.author === channel.remoteAccountId &&
    isInTime(post, part) &&
    readLittleText(post.commentary) === readVisibleText(part.text) &&
    shown.join() === uploaded.join()
  );
}

function toSentPart(urn: string): SentPart {
  return { remoteId: urn, remoteUrl: urlOfPost(urn) };
}

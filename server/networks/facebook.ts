// Facebook Pages. A post is made unpublished and then published by its own id, which can be looked at and repeated without
// harm: that makes it exact (facebook-draft.ts says where that is documented).
import { z } from 'zod';

import type { NetworkSettings } from '../network-settings.ts';
import { postIdOf, prepareDraft, publishDraft, readIsPublished } from './facebook-draft.ts';
import { createFacebookLink } from './facebook-link.ts';
import { measureFacebookPage, measureFacebookPosts } from './facebook-metrics.ts';
import { callMeta, metaId, type MetaSession } from './meta-call.ts';
import { isGone } from './meta-insights.ts';
import { readMetaToken } from './meta-tokens.ts';
import type { Network, RemoteCall, SentPart } from './network.ts';
import { NetworkError } from './network-error.ts';
import { facebook as rules } from './rules/facebook.ts';

const NAME = 'Facebook';
const QUARANTINE_SECONDS = 60;
const SEND_TIMEOUT_MS = 20_000;
const WEB = 'https://www.facebook.com';
const HOSTS = new Set(['facebook.com', 'www.facebook.com', 'm.facebook.com']);
const PERMALINK = /^\/([\w.]{1,100})\/posts\/(?:[^/]{1,300}\/)?(\d{1,40}|pfbid\w{1,100})\/?$/;
const STORY_ID = /^(\d{1,40}|pfbid\w{1,100})$/;

export function createFacebook(app: NetworkSettings['facebook']): Network {
  const sessionOf = ({ channel, fetch, signal }: RemoteCall): MetaSession => ({
    name: NAME,
    apiUrl: `${app.apiUrl}/${app.graphVersion}`,
    token: readMetaToken(channel.credentials, NAME),
    appSecret: app.clientSecret,
    fetch,
    signal,
  });
  return {
    id: 'facebook',
    name: NAME,
    guarantee: 'exact',
    isProven: false,
    link: createFacebookLink(app),
    rules,
    quarantineSeconds: QUARANTINE_SECONDS,
    sendTimeoutMs: SEND_TIMEOUT_MS,
    newKey: (deliveryId, partNo) => `${deliveryId}/${partNo}`,

    prepare: (call) => prepareDraft(sessionOf(call), call.channel.remoteAccountId, call.part),

    payloadOf: (part) => JSON.stringify({ id: postIdOf(part), is_published: true }),

    async send(call) {
      const session = sessionOf(call);
      const postId = postIdOf(call.part);
      try {
        await publishDraft(session, postId);
      } catch (error) {
        if (!(error instanceof NetworkError) || error.kind !== 'duplicate') throw error;
        // "Published consecutively": this one already, or another one with the same text.
        if (!(await readIsPublished(session, postId))) throw sameText(error);
      }
      return toSentPart(postId);
    },

    async readBack(call) {
      const postId = postIdOf(call.part);
      return (await readIsPublished(sessionOf(call), postId)) ? toSentPart(postId) : null;
    },

    async takeDown(call, parts) {
      const session = sessionOf(call);
      for (const { remoteId } of parts.toReversed()) {
        try {
          await callMeta(session, { method: 'DELETE', path: metaId.parse(remoteId) }, z.unknown());
        } catch (error) {
          if (!isGone(error)) throw error;
        }
      }
    },

    readPermalink({ hostname, pathname, searchParams }, { remoteAccountId, handle }) {
      if (!HOSTS.has(hostname)) return null;
      const isStory = pathname === '/permalink.php' || pathname === '/story.php';
      const [, account, story] = isStory
        ? ['', searchParams.get('id'), STORY_ID.exec(searchParams.get('story_fbid') ?? '')?.[1]]
        : (PERMALINK.exec(pathname) ?? []);
      const isOwn = account === remoteAccountId || account?.toLowerCase() === handle.toLowerCase();
      if (!story || !isOwn) return null;
      if (/^\d+$/.test(story)) return toSentPart(`${remoteAccountId}_${story}`);
      return { remoteId: story, remoteUrl: `${WEB}/${remoteAccountId}/posts/${story}` };
    },

    measure: (call, remoteIds) => measureFacebookPosts(sessionOf(call), remoteIds),
    measureChannel: (call) => measureFacebookPage(sessionOf(call), call.channel.remoteAccountId),
  };
}

function toSentPart(postId: string): SentPart {
  const [page, story] = postId.split('_');
  const url = story ? `${WEB}/${page}/posts/${story}` : `${WEB}/${postId}`;
  return { remoteId: postId, remoteUrl: url };
}

function sameText(cause: NetworkError): NetworkError {
  const why = `${NAME} does not take the same text twice in a row. Change the text.`;
  return new NetworkError('rejected', 'text_repeated', why, { cause });
}

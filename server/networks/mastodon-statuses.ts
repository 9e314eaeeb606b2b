// Posts: https://docs.joinmastodon.org/methods/statuses/ and https://docs.joinmastodon.org/methods/accounts/#statuses (checked
// 2026-11-21).
import { z } from 'zod';

import { accountIdOf, callMastodon, mastodonId, type MastodonSession } from './mastodon-api.ts';
import { preparedMastodonPart } from './mastodon-media.ts';
import { isShownAs } from './mastodon-text.ts';
import type { ChannelAccess, Part, ReadBackCall, SentPart } from './network.ts';
import { NetworkError } from './network-error.ts';

const PAGE_SIZE = 20;
const MAX_PAGES = 10;
/** How much earlier than it was frozen a post may say it was made. */
const CLOCK_SLACK_MS = 60_000;
const MAX_ADDRESS_LENGTH = 2048;

export const createdStatus = z.object({ id: mastodonId, url: z.string().nullish() });
type CreatedStatus = z.infer<typeof createdStatus>;

export const ownStatus = createdStatus.extend({
  created_at: z.coerce.date(),
  content: z.string(),
  in_reply_to_id: mastodonId.nullish(),
  reblog: z.unknown().optional(),
  media_attachments: z.array(z.object({ id: mastodonId })).default([]),
});
export type OwnStatus = z.infer<typeof ownStatus>;

const preparedOf = (part: Part) => preparedMastodonPart.parse(part.prepared ?? {});
const mediaIdsOf = (part: Part) => preparedOf(part).uploads.map(({ id }) => id);

/** The request's body; without a `language` the account's own setting counts. */
export function mastodonPostOf(part: Part) {
  const mediaIds = mediaIdsOf(part);
  const { language } = preparedOf(part);
  const parent = part.earlier.at(-1);
  return {
    status: part.text,
    ...(mediaIds.length > 0 && { media_ids: mediaIds }),
    ...(parent && { in_reply_to_id: parent.remoteId }),
    visibility: 'public',
    ...(language && { language }),
  };
}

/** The server's word for where the post stands, when it is an address of its own; else the usual one. */
export function toSentPart(
  status: CreatedStatus,
  server: string,
  channel: Pick<ChannelAccess, 'handle'>,
): SentPart {
  const told = URL.parse(status.url ?? '');
  const isOwn = told?.origin === server && told.href.length <= MAX_ADDRESS_LENGTH && !told.username;
  const usual = `${server}/@${channel.handle.split('@')[0]}/${status.id}`;
  return { remoteId: status.id, remoteUrl: isOwn ? told.href : usual };
}

/**
 * Our part among the account's latest posts, by when it was made, what it answers, its pictures and its text; never one that
 * is known to be another.
 * @throws NetworkError rejected `several_match`; ambiguous when more was posted since than can be read
 */
export async function findMastodonPart(
  session: MastodonSession,
  { channel, part, known }: ReadBackCall,
): Promise<OwnStatus | null> {
  const since = part.frozenAt.getTime() - CLOCK_SLACK_MS;
  const accountId = accountIdOf(channel.remoteAccountId);
  const matches: OwnStatus[] = [];
  let maxId: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = { exclude_reblogs: 'true', limit: String(PAGE_SIZE), ...(maxId && { max_id: maxId }) };
    const path = `/api/v1/accounts/${accountId}/statuses`;
    const statuses = await callMastodon(session, { method: 'GET', path, query }, z.array(ownStatus));
    const recent = statuses.filter((status) => status.created_at.getTime() >= since);
    matches.push(...recent.filter((status) => !known?.has(status.id) && isOurs(status, part)));
    // A short page may be one from which the server left something out, so only an empty one is the end.
    if (statuses.length === 0 || recent.length < statuses.length) return theOnly(matches, part);
    maxId = statuses.at(-1)!.id;
  }
  throw new NetworkError('ambiguous', 'too_many_posts', 'The account posted too much since to look through.');
}

/** Pictures have ids of their own: those that we uploaded are on our post alone, whatever else looks like it. */
function theOnly(matches: readonly OwnStatus[], part: Part): OwnStatus | null {
  const ours = matches.filter((status) => hasOurPictures(status, part));
  // A page that moved while it was read shows a post twice.
  const found = [
    ...new Map((ours.length > 0 ? ours : matches).map((status) => [status.id, status])).values(),
  ];
  if (found.length <= 1) return found[0] ?? null;
  throw new NetworkError(
    'rejected',
    'several_match',
    'Several posts on Mastodon look like this one. Look there, then say which it is.',
  );
}

function isOurs(status: OwnStatus, part: Part): boolean {
  const parentId = part.earlier.at(-1)?.remoteId ?? null;
  if (status.reblog || (status.in_reply_to_id ?? null) !== parentId) return false;
  if (hasOurPictures(status, part)) return true;
  const hasAsMany = status.media_attachments.length === mediaIdsOf(part).length;
  return hasAsMany && isShownAs(part.text, status.content);
}

function hasOurPictures(status: OwnStatus, part: Part): boolean {
  const shownIds = new Set(status.media_attachments.map(({ id }) => id));
  const mediaIds = mediaIdsOf(part);
  return mediaIds.length > 0 && mediaIds.every((id) => shownIds.has(id));
}

// https://docs.joinmastodon.org/methods/statuses/ and https://docs.joinmastodon.org/methods/accounts/#statuses (checked 2026-11-21)
import type { FakeAnswer } from '../fake-server.ts';
import { countStatusCharacters } from './fake-status-text.ts';
import { statusEntity } from './mastodon-entities.ts';
import { complainAboutUnknown, listOf, textOf } from './mastodon-parameters.ts';
import {
  NOT_FOUND,
  refuse,
  type MastodonRequest,
  type StoredMedia,
  type StoredStatus,
} from './mastodon-state.ts';

const KEY_LIFETIME_MS = 3_600_000;
const CREATE = [
  'status',
  'media_ids',
  'in_reply_to_id',
  'sensitive',
  'spoiler_text',
  'visibility',
  'language',
  'quoted_status_id',
  'quote_approval_policy',
];
const MOST_IN_BATCH = 20;

export function createStatus(asked: MastodonRequest): FakeAnswer {
  const { state, parameters, request, account, appName } = asked;
  complainAboutUnknown(state, request, parameters, CREATE);
  const key = request.headers.get('idempotency-key');
  const known = key ? findByKey(asked, key) : undefined;
  if (known) return { status: 200, body: statusEntity(state, known) };
  const inReplyToId = textOf(parameters.in_reply_to_id) || null;
  if (inReplyToId && !state.statuses.some(({ id }) => id === inReplyToId)) {
    return refuse(404, 'The post you are trying to reply to does not appear to exist.');
  }
  const media = findMedia(asked, listOf(parameters.media_ids));
  if ('status' in media) return media;
  const text = textOf(parameters.status).trim();
  const spoiler = textOf(parameters.spoiler_text);
  const { max_characters, characters_reserved_per_url } = state.traits.limits;
  if (!text && !spoiler && media.length === 0) return refuse(422, "Validation failed: Text can't be blank");
  if (countStatusCharacters(spoiler + text, characters_reserved_per_url) > max_characters) {
    return refuse(422, `Validation failed: Text character limit of ${max_characters} exceeded`);
  }
  const status: StoredStatus = {
    id: state.newId(),
    accountId: account.id,
    appName,
    text,
    createdAt: state.clock.now(),
    inReplyToId,
    visibility: textOf(parameters.visibility) || 'public',
    mediaIds: media.map(({ id }) => id),
    counts: { favourites: 0, replies: 0, reblogs: 0, quotes: 0 },
  };
  state.statuses.push(status);
  for (const attached of media) attached.statusId = status.id;
  if (key) keepKey(asked, key, status);
  return { status: 200, body: statusEntity(state, status) };
}

function findByKey({ state, account }: MastodonRequest, key: string): StoredStatus | undefined {
  const known = state.keys.get(`${account.id}:${key}`);
  const now = state.clock.now();
  if (!known || known.from > now || known.until <= now) return undefined;
  return state.statuses.find(({ id }) => id === known.statusId);
}

function keepKey({ state, account }: MastodonRequest, key: string, status: StoredStatus): void {
  const from = new Date(state.clock.now().getTime() + state.traits.keyWrittenAfterSeconds * 1000);
  const until = new Date(from.getTime() + KEY_LIFETIME_MS);
  state.keys.set(`${account.id}:${key}`, { statusId: status.id, from, until });
}

function findMedia({ state, account }: MastodonRequest, ids: readonly string[]): StoredMedia[] | FakeAnswer {
  const most = state.traits.limits.max_media_attachments;
  if (ids.length > most) return refuse(422, `Cannot attach more than ${most} files`);
  const found = ids.flatMap((id) => state.media.get(id) ?? []);
  const free = found.filter(({ accountId, statusId }) => accountId === account.id && statusId === null);
  const missing = ids.filter((id) => !free.some((media) => media.id === id));
  if (missing.length > 0) {
    return refuse(422, `Media ${missing.join(', ')} not found or already attached to another post`);
  }
  if (free.some(({ readyAt }) => readyAt > state.clock.now())) {
    return refuse(422, 'Cannot attach files that have not finished processing. Try again in a moment!');
  }
  return free;
}

export function showStatus({ state }: MastodonRequest, id: string): FakeAnswer {
  const status = state.statuses.find((stored) => stored.id === id);
  return status ? { status: 200, body: statusEntity(state, status) } : NOT_FOUND;
}

export function showStatuses(asked: MastodonRequest): FakeAnswer {
  const { state, parameters, request } = asked;
  complainAboutUnknown(state, request, parameters, ['id']);
  const ids = listOf(parameters.id);
  if (!state.traits.hasBatch) return NOT_FOUND;
  if (ids.length > MOST_IN_BATCH) return refuse(422, 'Validation failed: Too many statuses');
  const found = ids.flatMap((id) => state.statuses.find((status) => status.id === id) ?? []);
  return { status: 200, body: found.map((status) => statusEntity(state, status)) };
}

export function deleteStatus(
  { state, account, request, parameters }: MastodonRequest,
  id: string,
): FakeAnswer {
  complainAboutUnknown(state, request, parameters, ['delete_media']);
  const index = state.statuses.findIndex((status) => status.id === id && status.accountId === account.id);
  if (index === -1) return NOT_FOUND;
  const status = state.statuses[index]!;
  const { content: _content, ...entity } = statusEntity(state, status);
  state.statuses.splice(index, 1);
  return { status: 200, body: { ...entity, text: status.text } };
}

const LISTED = [
  'max_id',
  'since_id',
  'min_id',
  'limit',
  'only_media',
  'exclude_replies',
  'exclude_reblogs',
  'pinned',
  'tagged',
];

/** Newest first, whatever order the cursors name. */
export function listStatuses({ state, request, parameters }: MastodonRequest, accountId: string): FakeAnswer {
  complainAboutUnknown(state, request, parameters, LISTED);
  if (!state.accounts.has(accountId)) return NOT_FOUND;
  const limit = Math.min(Number(textOf(parameters.limit)) || 20, 40);
  const newestFirst = state.statuses.filter((status) => status.accountId === accountId).toReversed();
  const placeOf = (id: string) => newestFirst.findIndex((status) => status.id === id);
  const after = textOf(parameters.max_id);
  const from = after ? placeOf(after) + 1 : 0;
  const page = newestFirst.slice(from, from + limit);
  return { status: 200, body: page.map((status) => statusEntity(state, status)) };
}

// https://docs.joinmastodon.org/methods/media/ (checked 2026-11-21)
import type { FakeAnswer } from '../fake-server.ts';
import { mediaEntity } from './mastodon-entities.ts';
import { complainAboutUnknown, textOf } from './mastodon-parameters.ts';
import { NOT_FOUND, refuse, type MastodonRequest, type StoredMedia } from './mastodon-state.ts';

const IMAGES = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);
const INVALID = refuse(422, 'Validation failed: File content type is invalid, File is invalid');

export async function uploadMedia(asked: MastodonRequest): Promise<FakeAnswer> {
  const { state, parameters, request, account } = asked;
  complainAboutUnknown(state, request, parameters, ['file', 'thumbnail', 'description', 'focus']);
  const { file } = parameters;
  if (!(file instanceof File)) return refuse(422, "Validation failed: File can't be blank");
  if (!IMAGES.has(file.type) || file.size === 0) return INVALID;
  if (file.size > state.traits.limits.image_size_limit)
    return refuse(422, 'Validation failed: File is too big');
  const description = textOf(parameters.description);
  if (description.length > state.traits.limits.description_limit) {
    return refuse(422, 'Validation failed: Description is too long');
  }
  const media: StoredMedia = {
    id: state.newId(),
    accountId: account.id,
    description: description || null,
    bytes: new Uint8Array(await file.arrayBuffer()),
    mimeType: file.type,
    readyAt: new Date(state.clock.now().getTime() + state.traits.processingSeconds * 1000),
    isBroken: false,
    statusId: null,
  };
  state.media.set(media.id, media);
  return { status: state.traits.processingSeconds > 0 ? 202 : 200, body: mediaEntity(state, media) };
}

/** Found only before a post took it. */
export function showMedia({ state, account }: MastodonRequest, id: string): FakeAnswer {
  const media = state.media.get(id);
  if (media?.accountId !== account.id || media.statusId) return NOT_FOUND;
  if (media.isBroken) return INVALID;
  return { status: media.readyAt > state.clock.now() ? 206 : 200, body: mediaEntity(state, media) };
}

export function updateMedia(asked: MastodonRequest, id: string): FakeAnswer {
  const { state, parameters, request } = asked;
  complainAboutUnknown(state, request, parameters, ['thumbnail', 'description', 'focus']);
  const shown = showMedia(asked, id);
  if (shown.status === 200) state.media.get(id)!.description = textOf(parameters.description) || null;
  return shown.status === 200 ? { status: 200, body: mediaEntity(state, state.media.get(id)!) } : shown;
}

import { isDeepStrictEqual } from 'node:util';

import type Router from '@koa/router';

import { html } from '../../../views/html.ts';
import { channelName } from '../../../views/networks.ts';
import {
  EditorBody,
  PostEditorView,
  PostInTrashView,
  type ShownMeanwhile,
} from '../../../views/post-editor.ts';
import { assertMayWrite } from '../../caller.ts';
import type { Context } from '../../context.ts';
import { placesOf } from '../../deliveries/decide-post.ts';
import { invalidInput, isAppError } from '../../errors.ts';
import { compareParts } from '../../posts/find-changes.ts';
import { getPost, type PostDetails } from '../../posts/get-post.ts';
import { findRevisionAuthor, findRevisionContent } from '../../posts/list-revisions.ts';
import { areSamePictures } from '../../posts/preview-draft.ts';
import { updatePost, type PostChanges } from '../../posts/update-post.ts';
import { redirectDone } from '../done-notice.ts';
import { formField, formFields } from '../form-body.ts';
import { renderFragment, renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

import { keptParts, partsOf, readPostDraft, type PostDraft } from './post-draft.ts';
import { findEditorChannels, reworkDraft, showDraft, toEditorBody } from './post-editor.ts';
import { assertOutIsKept, findTooLate, isOnCalendar, isOut, keepOut, toDone } from './saved-post.ts';

/** Editing a post in the browser: its words, channels and pictures. */
export function addEditPostPage(router: Router, context: Context): void {
  router.get(
    '/posts/:id/edit',
    signedIn(
      context,
      async (page) => {
        const post = await openPost(page);
        await showForm(page, post, draftOf(post), { seen: toSeen(post) });
      },
      'post',
    ),
  );

  router.post(
    '/posts/:id/edit',
    signedIn(
      context,
      async (page) => {
        try {
          await answerForm(page);
        } catch (error) {
          const isInTrash = isAppError(error, 'Conflict') && error.details.code === 'post_discarded';
          if (!isInTrash) throw error;
          await showTyped(page, error.message);
        }
      },
      'post',
    ),
  );

  router.post(
    '/posts/:id/edit/check',
    signedIn(
      context,
      async (page) => {
        const post = await openPost(page);
        const body = await toBody(page, post, await readDraft(page, post), {});
        renderFragment(page.ctx, html`<${EditorBody} ...${body} />`);
      },
      'post',
    ),
  );
}

async function openPost({ context, caller, id }: SignedInPage): Promise<PostDetails> {
  assertMayWrite(caller);
  return getPost(context, caller, { postId: id });
}

async function answerForm(page: SignedInPage): Promise<void> {
  const post = await openPost(page);
  const pressed = formField(page.ctx, 'do') || 'save';
  if (pressed === 'save') return save(page, post);
  const draft = await readDraft(page, post);
  const channels = await findEditorChannels(page.context, page.caller, post);
  const shown = await showDraft(page.context, page.caller, draft, channels, post.pictures);
  const seen = readSeen(page);
  await showForm(page, post, reworkDraft(shown, pressed) ?? draft, { seen, isUnsaved: true });
}

/** Somebody threw the post away meanwhile. */
async function showTyped({ ctx, context, caller, viewer }: SignedInPage, problem: string): Promise<void> {
  const linked = await findEditorChannels(context, caller, null);
  const names = new Map(linked.map((channel) => [channel.channelId, channelName(channel)]));
  const known = new Set([...names.keys(), ...formFields(ctx, 'channel')]);
  const typed = [...readPostDraft(ctx, [...known]).captions].map(([channelId, parts]) => ({
    ...{ channelId, name: names.get(channelId) ?? 'a channel that is no longer linked' },
    text: parts.join('\n\n'),
  }));
  const captions = typed.filter(({ text }) => text.trim() !== '');
  const view = html`<${PostInTrashView} viewer=${viewer} problem=${problem} captions=${captions} />`;
  renderPage(ctx, view, 409);
}

function draftOf({ campaignId, text, deliveries, pictures }: PostDetails): PostDraft {
  return {
    ...{ campaignId, text, query: '' },
    channelIds: deliveries.map(({ channelId }) => channelId),
    captions: new Map(deliveries.map(({ channelId, parts }) => [channelId, parts])),
    mediaIds: pictures.map(({ mediaId }) => mediaId),
  };
}

async function readDraft(page: SignedInPage, post: PostDetails): Promise<PostDraft> {
  const channels = await findEditorChannels(page.context, page.caller, post);
  return readPostDraft(
    page.ctx,
    channels.map(({ channelId }) => channelId),
    post,
  );
}

/** Of a post, as the person was shown it: saving is refused when it is another by then. */
interface Seen {
  rev: number;
  places: string;
}

function toSeen({ rev, deliveries }: PostDetails): Seen {
  return { rev, places: placesOf(deliveries.filter(isOnCalendar)) };
}

/** What the form was made from. It stays that, however often the form comes back with what was typed. */
function readSeen({ ctx }: SignedInPage): Seen {
  return { rev: Number(formField(ctx, 'rev')), places: formField(ctx, 'places') };
}

async function save(page: SignedInPage, post: PostDetails): Promise<void> {
  const { ctx, context, caller, id } = page;
  const draft = await readDraft(page, post);
  const seen = readSeen(page);
  const { rev: expectedRev, places } = seen;
  try {
    // Who saw another revision, or other places, is told that first.
    if (isDeepStrictEqual(seen, toSeen(post))) assertOutIsKept(post, draft);
    const changes = toChanges(post, keepOut(post, draft));
    const saved = await updatePost(context, caller, { postId: id, expectedRev, places, changes });
    redirectDone(ctx, `/posts/${id}`, toDone(post, saved));
  } catch (error) {
    if (!isAppError(error, 'Conflict', 'InvalidInput', 'NotFound', 'Unavailable')) throw error;
    const now = await getPost(context, caller, { postId: id });
    const { code, field } = error.details;
    if (code === 'stale_revision') return showMeanwhile(page, now, draft, expectedRev);
    // It says where it goes now; who saves once more has seen that.
    const isMoved = code === 'moved_meanwhile';
    await showForm(page, now, draft, {
      seen: isMoved ? { ...seen, places: toSeen(now).places } : seen,
      isUnsaved: true,
      problem: error.message,
      status: error.kind === 'Unavailable' ? 503 : 409,
      errors: field === 'channel_ids' ? { channels: error.message } : {},
    });
  }
}

/** What the person left as it was is now as somebody else saved it; what they typed stays, with what it would change. */
async function showMeanwhile(
  page: SignedInPage,
  now: PostDetails,
  typed: PostDraft,
  shownRev: number,
): Promise<void> {
  const { context, caller } = page;
  const shown = await findRevisionContent(context, caller, { postId: now.id, rev: shownRev });
  const draft = shown ? takeTheirs(typed, shown, draftOf(now)) : typed;
  const { channelIds, captions } = keepOut(now, draft);
  const author = await findRevisionAuthor(context, caller, { postId: now.id, rev: now.rev });
  await showForm(page, now, draft, {
    seen: toSeen(now),
    isUnsaved: true,
    problem: 'Somebody else saved this post while you wrote. What you typed is still here.',
    meanwhile: {
      rev: now.rev,
      authorName:
        author && (author.clientName ? `${author.clientName} for ${author.personName}` : author.personName),
      channels: now.deliveries
        .filter(({ channelId }) => channelIds.includes(channelId))
        .map(({ channelId, network, handle, imitates, parts }) => ({
          ...{ channelId, network, handle, imitates },
          parts: compareParts(parts, keptParts(partsOf({ ...draft, captions }, channelId))),
        })),
    },
  });
}

function takeTheirs(
  typed: PostDraft,
  shown: { captions: ReadonlyMap<string, string[]>; mediaIds: string[] },
  theirs: PostDraft,
): PostDraft {
  const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const sorted = (ids: Iterable<string>) => [...ids].toSorted();
  const areChannelsKept = isSame(sorted(typed.channelIds), sorted(shown.captions.keys()));
  const changed = [...typed.captions].filter(([id, parts]) => !isSame(parts, shown.captions.get(id)));
  return {
    ...typed,
    channelIds: areChannelsKept ? theirs.channelIds : typed.channelIds,
    captions: new Map([...theirs.captions, ...changed]),
    mediaIds: isSame(typed.mediaIds, shown.mediaIds) ? theirs.mediaIds : typed.mediaIds,
  };
}

interface FormState {
  seen: Seen;
  isUnsaved?: boolean;
  problem?: string;
  /** Where there is a problem. */
  status?: 409 | 503;
  errors?: { channels?: string };
  meanwhile?: ShownMeanwhile | null;
}

async function showForm(
  page: SignedInPage,
  post: PostDetails,
  draft: PostDraft,
  { seen, isUnsaved = false, problem, status = 409, errors = {}, meanwhile = null }: FormState,
): Promise<void> {
  const view = html`<${PostEditorView}
    ...${await toBody(page, post, draft, errors)}
    viewer=${page.viewer}
    back=${{ href: `/posts/${post.id}`, label: 'The post' }}
    seen=${seen}
    isScheduled=${seen.places !== ''}
    isUnsaved=${isUnsaved}
    tooLate=${findTooLate(post, draft)}
    problem=${problem}
    meanwhile=${meanwhile}
  />`;
  renderPage(page.ctx, view, problem ? status : 200);
}

async function toBody(
  { context, caller }: SignedInPage,
  post: PostDetails,
  draft: PostDraft,
  errors: { channels?: string },
) {
  const channels = await findEditorChannels(context, caller, post);
  const shown = await showDraft(context, caller, keepOut(post, draft), channels, post.pictures);
  const form = { action: `/posts/${post.id}/edit`, fresh: null, errors, channels };
  return toEditorBody(context, caller, shown, form);
}

/** Only what differs, but for the words. Where every channel says the same it is the text of the post too. */
function toChanges(post: PostDetails, draft: PostDraft): PostChanges {
  const { channelIds, mediaIds } = draft;
  if (channelIds.length === 0) {
    throw invalidInput({
      code: 'no_channel',
      field: 'channel_ids',
      message: 'A post goes to one channel at least. Tick one.',
    });
  }
  const out = new Set(post.deliveries.filter(isOut).map(({ channelId }) => channelId));
  const overrides = channelIds.map((channelId) => {
    const parts = partsOf(draft, channelId);
    return { channelId, parts: out.has(channelId) ? parts : keptParts(parts) };
  });
  const [first] = overrides;
  const isOneText = overrides.every(({ parts }) => parts.length === 1 && parts[0] === first?.parts[0]);
  const before = post.deliveries.map(({ channelId }) => channelId);
  const areSameChannels =
    before.length === channelIds.length && before.every((channelId) => channelIds.includes(channelId));
  return {
    overrides,
    ...(isOneText && first && { text: first.parts[0] }),
    ...(!areSameChannels && { channelIds }),
    ...(!areSamePictures(mediaIds, post.pictures) && { mediaIds }),
  };
}

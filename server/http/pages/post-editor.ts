import type { EditedCaption } from '../../../views/caption-editor.ts';
import type { ChoosablePicture } from '../../../views/picture-chooser.ts';
import type { EditorBodyProps } from '../../../views/post-editor.ts';
import type { PersonCaller } from '../../caller.ts';
import { listChannels } from '../../channels/list-channels.ts';
import type { Context } from '../../context.ts';
import { listMedia } from '../../media/list-media.ts';
import { mediaThumbnailPath } from '../../media/media-urls.ts';
import type { PostDetails } from '../../posts/get-post.ts';
import type { PostPicture } from '../../posts/post-pictures.ts';
import { findDraftPictures, previewDraft, type DraftPreview } from '../../posts/preview-draft.ts';

import { followsField, partField, partsOf, type PostDraft } from './post-draft.ts';
import { isOut } from './saved-post.ts';

/** A channel that a post may go to, or goes to already. */
export interface EditorChannel {
  channelId: string;
  network: string;
  handle: string;
  imitates: string | null;
  ownLimits: unknown;
  /** The post is out there, or on its way. */
  isLocked: boolean;
}

/** The post's own first, then what else is linked. */
export async function findEditorChannels(
  context: Context,
  caller: PersonCaller,
  post: PostDetails | null,
): Promise<EditorChannel[]> {
  const own = (post?.deliveries ?? []).map(
    ({ channelId, network, handle, imitates, ownLimits, state }): EditorChannel => ({
      ...{ channelId, network, handle, imitates, ownLimits },
      isLocked: isOut({ state }),
    }),
  );
  const linked = await listChannels(context, caller, {});
  const others = linked
    .filter(({ id }) => own.every(({ channelId }) => channelId !== id))
    .map(({ id: channelId, network, handle, imitates, ownLimits }) => ({
      ...{ channelId, network, handle, imitates, ownLimits, isLocked: false },
    }));
  return [...own, ...others];
}

type Previewed = EditorChannel & DraftPreview;

/** A draft with what its networks make of it. */
export interface ShownDraft {
  draft: PostDraft;
  captions: Previewed[];
  pictures: PostPicture[];
  pictureProblem: string | null;
}

/** Counts and checks with the rules that `previewPost` uses. @param known the pictures of the post as it is saved */
export async function showDraft(
  context: Context,
  caller: PersonCaller,
  draft: PostDraft,
  channels: readonly EditorChannel[],
  known: readonly PostPicture[],
): Promise<ShownDraft> {
  const { pictures, problem } = await findDraftPictures(context, caller, draft.mediaIds, known);
  const captions: Previewed[] = [];
  for (const channel of channels.filter(({ channelId }) => draft.channelIds.includes(channelId))) {
    const parts = partsOf(draft, channel.channelId);
    captions.push(await previewDraft(context, { ...channel, parts }, pictures));
  }
  return { draft, captions, pictures, pictureProblem: problem };
}

/** What the pressed button does to the form: a thread, one part more, a picture earlier. */
export function reworkDraft({ draft, captions }: ShownDraft, pressed: string): PostDraft | null {
  const [verb, id = ''] = pressed.split(' ');
  const caption = captions.find(({ channelId, isLocked }) => channelId === id && !isLocked);
  if (verb === 'split' && caption?.suggestedParts) return withParts(draft, id, caption.suggestedParts);
  if (verb === 'part' && caption) return withParts(draft, id, [...caption.parts, '']);
  const place = draft.mediaIds.indexOf(id);
  if (verb !== 'up' || place < 1) return null;
  return { ...draft, mediaIds: draft.mediaIds.with(place - 1, id).with(place, draft.mediaIds[place - 1]!) };
}

function withParts(draft: PostDraft, channelId: string, parts: readonly string[]): PostDraft {
  return { ...draft, captions: new Map([...draft.captions, [channelId, [...parts]]]) };
}

const LIBRARY_SIZE = 12;

/** The form as it is shown. */
export async function toEditorBody(
  context: Context,
  caller: PersonCaller,
  shown: ShownDraft,
  form: Pick<EditorBodyProps, 'action' | 'fresh' | 'errors'> & { channels: readonly EditorChannel[] },
): Promise<EditorBodyProps> {
  const { draft, captions, pictures, pictureProblem } = shown;
  const library = await listMedia(context, caller, {
    query: draft.query || undefined,
    limit: LIBRARY_SIZE + draft.mediaIds.length,
  });
  const pictureProblems = captions.flatMap(({ problems }) =>
    problems.filter(({ isAboutPictures }) => isAboutPictures),
  );
  const isChosen = (channelId: string) => draft.channelIds.includes(channelId);
  return {
    ...form,
    channels: form.channels.map((channel) => ({ ...channel, isChosen: isChosen(channel.channelId) })),
    captions: captions.map((caption) => {
      const isFollowing = form.fresh !== null && !draft.captions.has(caption.channelId);
      return isFollowing ? toFollowing(caption, draft.text) : toCaption(caption);
    }),
    kept: [...draft.captions]
      .filter(([channelId]) => !isChosen(channelId))
      .flatMap(([channelId, parts]) =>
        parts.map((text, index) => ({ name: partField(channelId, index), text })),
      ),
    chosenPictures: draft.mediaIds.map((id) => toChosen(id, pictures)),
    library: library.items
      .filter(({ id }) => !draft.mediaIds.includes(id))
      .slice(0, LIBRARY_SIZE)
      .map(({ id, altText, filename, contentHash }) => ({
        ...{ mediaId: id, altText, filename },
        src: mediaThumbnailPath({ id, contentHash: contentHash ?? '' }),
      })),
    query: draft.query,
    pictureProblems: [
      ...(pictureProblem ? [{ severity: 'error' as const, fix: pictureProblem }] : []),
      // Several channels may find the same fault with a picture.
      ...new Map(pictureProblems.map((problem) => [problem.fix, problem])).values(),
    ],
  };
}

function toChosen(mediaId: string, pictures: readonly PostPicture[]): ChoosablePicture {
  const picture = pictures.find((one) => one.mediaId === mediaId);
  if (!picture || picture.isDeleted) {
    return { mediaId, src: null, altText: picture?.altText ?? null, filename: null };
  }
  const { altText, contentHash } = picture;
  return { mediaId, altText, filename: null, src: mediaThumbnailPath({ id: mediaId, contentHash }) };
}

function toCaption({ parts, counts, ...preview }: Previewed): EditedCaption {
  return {
    ...preview,
    parts: parts.map((text, index) => ({
      ...{ name: partField(preview.channelId, index), text, count: counts[index]! },
    })),
    follows: null,
    takesThreads: parts.length < preview.maxParts,
  };
}

/** Nobody has touched it yet: before there are words at all, that there are none is no fault. */
function toFollowing(caption: Previewed, text: string): EditedCaption {
  const isBegun = text.trim() !== '';
  return {
    ...toCaption(caption),
    follows: { name: followsField(caption.channelId), text },
    problems: caption.problems.filter(({ ruleId }) => isBegun || ruleId !== 'text_empty'),
  };
}

// The Posts API: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api (2026-11-21).
import { z } from 'zod';

import type { FakeAnswer, FakeRequest } from '../fake-server.ts';
import {
  NOT_FOUND,
  refuse,
  refuseDuplicate,
  refuseField,
  refuseForNow,
  refusePermission,
} from './linkedin-errors.ts';
import type { LinkedinCaller } from './linkedin-access.ts';
import { newPostUrn, type FakePost, type LinkedinState } from './linkedin-state.ts';
import { parseLittleText } from './little-text-parser.ts';

const MAX_VISIBLE = 3000;
/** A text is known for this long, whatever became of its post. */
const DUPLICATE_MS = 48 * 3_600_000;

const urn = (kinds: string) => z.string().regex(new RegExp(String.raw`^urn:li:(${kinds}):[\w-]+$`));
const picture = z.strictObject({ id: urn('image'), altText: z.string().max(4086).optional() });

/** What a post may be created with; of `content`, the kinds that the tests use. */
const createSchema = z.strictObject({
  author: urn('person|organization'),
  commentary: z.string(),
  visibility: z.enum(['PUBLIC', 'CONNECTIONS', 'LOGGED_IN', 'CONTAINER']),
  distribution: z.strictObject({
    feedDistribution: z.enum(['MAIN_FEED', 'NONE']),
    targetEntities: z.array(z.unknown()).optional(),
    thirdPartyDistributionChannels: z.array(z.unknown()).optional(),
  }),
  content: z
    .union([
      z.strictObject({ media: picture.extend({ title: z.string().optional() }) }),
      z.strictObject({ multiImage: z.strictObject({ images: z.array(picture).min(2).max(20) }) }),
      z.strictObject({
        article: z.strictObject({
          source: z.url(),
          title: z.string(),
          description: z.string().optional(),
          thumbnail: urn('image').optional(),
        }),
      }),
    ])
    .optional(),
  contentCallToActionLabel: z.string().optional(),
  contentLandingPage: z.url().optional(),
  lifecycleState: z.enum(['PUBLISHED', 'DRAFT']),
  isReshareDisabledByAuthor: z.boolean().optional(),
});

export function createPost(
  state: LinkedinState,
  { body }: FakeRequest,
  caller: LinkedinCaller,
  now: Date,
): FakeAnswer {
  const parsed = createSchema.safeParse(parseJson(body));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuseField(issue!.path.join('/'), issue!.message);
  }
  const { author, commentary, content } = parsed.data;
  const pictures = picturesOf(content);
  if (!caller.mayPostAs(author)) return refusePermission('posts.CREATE');
  const throttledUntil = state.throttledUntil.get(author);
  if (throttledUntil && throttledUntil > now) return refuseForNow('MEMBER');
  const shown = parseLittleText(commentary);
  if (shown.text.length > MAX_VISIBLE) {
    return refuseField('commentary', `length of "${shown.text.slice(0, 10)}..." is out of range 0...3000`);
  }
  for (const { id } of pictures) {
    const image = state.images.get(id);
    if (!image || image.owner !== author) return refuse(400, 'INVALID_URN_ID', `${id} is not of ${author}`);
    if (image.isBroken) return refuse(400, 'MEDIA_ASSET_PROCESSING_FAILED', 'Media asset failed processing');
    if (!isAvailable(state, image, now)) {
      return refuse(400, 'MEDIA_ASSET_WAITING_UPLOAD', 'Media asset is waiting upload');
    }
  }
  const earlier = state.posts.find(
    (post) =>
      post.author === author &&
      commentary !== '' &&
      post.commentary === commentary &&
      post.createdAt > now.getTime() - DUPLICATE_MS,
  );
  if (earlier) return refuseDuplicate(earlier.isDeleted ? newPostUrn(false) : earlier.id);
  const id = newPostUrn(pictures.length > 0);
  state.posts.push({
    id,
    author,
    memberUrn: caller.memberUrn,
    commentary,
    content,
    createdAt: now.getTime(),
    isDeleted: false,
    images: pictures.map(({ id: image, altText = '' }) => ({ id: image, altText })),
  });
  return { status: 201, headers: { 'x-restli-id': id } };
}

export function isAvailable(
  state: LinkedinState,
  image: { uploadedAt: Date | null; isBroken: boolean },
  now: Date,
): boolean {
  if (!image.uploadedAt || image.isBroken) return false;
  return now.getTime() >= image.uploadedAt.getTime() + state.imageSeconds * 1000;
}

export function findPosts(state: LinkedinState, { query }: FakeRequest, caller: LinkedinCaller): FakeAnswer {
  const author = query.get('author') ?? '';
  if (!caller.mayReadPostsOf(author)) return refusePermission('posts.FINDER-author');
  const count = Number(query.get('count') ?? 10);
  const start = Number(query.get('start') ?? 0);
  const sortBy = query.get('sortBy') ?? 'LAST_MODIFIED';
  if (
    query.get('q') !== 'author' ||
    count < 1 ||
    count > 100 ||
    !['LAST_MODIFIED', 'CREATED'].includes(sortBy)
  ) {
    return refuseField('q', 'Invalid query parameters passed to request');
  }
  const posts = state.posts.filter((post) => post.author === author && !post.isDeleted).toReversed();
  const elements = posts.slice(start, start + count).map(showPost);
  return { status: 200, body: { paging: { start, count, links: [] }, elements } };
}

export function getPost(state: LinkedinState, id: string, caller: LinkedinCaller): FakeAnswer {
  const post = state.posts.find((known) => known.id === id && !known.isDeleted);
  if (!post) return NOT_FOUND;
  return caller.mayReadPostsOf(post.author)
    ? { status: 200, body: showPost(post) }
    : refusePermission('posts.GET');
}

/** Deleting is idempotent: what is gone is answered like what goes. */
export function deletePost(state: LinkedinState, id: string, caller: LinkedinCaller): FakeAnswer {
  if (!/^urn:li:(share|ugcPost):\d+$/.test(id)) return refuseField('id', 'not a share or ugcPost urn');
  const post = state.posts.find((known) => known.id === id);
  if (post && !caller.mayPostAs(post.author)) return refusePermission('posts.DELETE');
  if (post) post.isDeleted = true;
  return { status: 204 };
}

function showPost({ id, author, commentary, content, createdAt }: FakePost) {
  return {
    isReshareDisabledByAuthor: false,
    createdAt,
    lifecycleState: 'PUBLISHED',
    lastModifiedAt: createdAt + 523,
    visibility: 'PUBLIC',
    publishedAt: createdAt + 478,
    author,
    id,
    distribution: { feedDistribution: 'MAIN_FEED', thirdPartyDistributionChannels: [] },
    ...(content && { content }),
    commentary,
    lifecycleStateInfo: { isEditedByAuthor: false },
  };
}

function picturesOf(
  content: z.infer<typeof createSchema>['content'],
): { id: string; altText?: string | undefined }[] {
  if (!content) return [];
  if ('media' in content) return [content.media];
  return 'multiImage' in content ? content.multiImage.images : [];
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}

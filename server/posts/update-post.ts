import { recordActivity } from '../activity/record-activity.ts';
import { assertMayWrite, type Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { assertCaptionKeepsRules } from '../deliveries/choose-deliveries.ts';
import { movedMeanwhile, placesOf } from '../deliveries/decide-post.ts';
import { mostUrgent, type DeliveryState } from '../deliveries/delivery-state.ts';
import { assertRevision, lockPost, type LockedPost } from '../deliveries/lock-post.ts';
import { isOnCalendar, moveToRevision } from '../deliveries/move-to-revision.ts';
import { unavailable } from '../errors.ts';
import { newId } from '../ids.ts';
import { makeRenditions, type RevisionOfChannels } from '../media/renditions.ts';
import type { CaptionCheck } from './check-caption.ts';
import { checkPriced } from './find-price.ts';
import { insertRevision } from './insert-revision.ts';
import { composeEdit, isThere, planEdit, type EditPlan, type PostContent } from './plan-edit.ts';
import type { CaptionChanges } from './post-captions.ts';
import { findLibraryPictures } from './post-pictures.ts';
import { approvalUrl } from './post-urls.ts';

/** What is absent stays. */
export interface PostChanges extends CaptionChanges {
  /** Pictures of the library in their order; none takes them all off. As the library describes them now. */
  mediaIds?: string[] | undefined;
}

export interface PostUpdateInput {
  postId: string;
  /** The revision that the caller has seen. */
  expectedRev: number;
  /** Where and when it would go out, as the person was shown (`placesOf`); not looked at when absent. */
  places?: string | undefined;
  changes: PostChanges;
}

export interface PostUpdated {
  postId: string;
  rev: number;
  state: DeliveryState;
  /** An earlier revision had a person's yes, or was waiting for one: it does not count for this one. */
  isApprovalReset: boolean;
  /** Where a person approves; null when nothing on the calendar waits for one. */
  approvalUrl: string | null;
  captions: ({ channelId: string } & CaptionCheck)[];
}

/** Pictures are made between two looks at the post; whoever edits it that often meanwhile goes first. */
const MAX_LOOKS = 4;

/**
 * Makes a new revision of a post of which nothing that changes has gone out. No approval of an earlier one counts for it.
 * What is on the calendar keeps its time (`moveToRevision`); a channel that is added gets a draft. When the post says all
 * this already, nothing changes, whatever revision is expected.
 * @throws AppError NotFound; NotAllowed for a viewer; InvalidInput (`invalid_override`, `caption_breaks_rule` for what is
 *   on the calendar); Conflict (`stale_revision`, `moved_meanwhile`, `media_not_ready`, `post_discarded`, and as `planEdit`)
 */
export async function updatePost(
  context: Context,
  caller: Caller,
  input: PostUpdateInput,
): Promise<PostUpdated> {
  assertMayWrite(caller);
  let staged: StagedRevision | null = null;
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    const known: StagedRevision | null = staged;
    const answer: PostUpdated | StagedRevision = await context.db.$transaction((tx) =>
      editPost(context, tx, caller, input, known),
    );
    if ('captions' in answer) return answer;
    await makeRenditions(context, answer);
    staged = answer;
  }
  throw unavailable({ code: 'busy', message: 'Others change this post at the same time.' });
}

/** A revision that is written down and not yet the post's, so that its pictures can be made before anything may go out. */
interface StagedRevision extends RevisionOfChannels {
  contentHash: Uint8Array<ArrayBuffer>;
}

async function editPost(
  context: Context,
  tx: Transaction,
  caller: Caller,
  { postId, expectedRev, places, changes }: PostUpdateInput,
  staged: StagedRevision | null,
): Promise<PostUpdated | StagedRevision> {
  const { mediaIds } = changes;
  const pictures = mediaIds ? await findLibraryPictures(tx, caller.teamId, [...new Set(mediaIds)]) : null;
  const post = await lockPost(tx, caller, postId);
  const content = composeEdit(post, changes, pictures);
  if (isThere(post, content)) return describe(context, tx, post);
  assertRevision(post, expectedRev);
  if (places !== undefined && places !== placesOf(post.deliveries.filter(isOnCalendar)))
    throw movedMeanwhile();
  const plan = await planEdit(tx, caller, post, content);
  const onCalendar = plan.moved.filter(isOnCalendar);
  for (const delivery of onCalendar) {
    const { parts } = content.captions.find(({ channelId }) => channelId === delivery.channelId)!;
    assertCaptionKeepsRules({ ...delivery, parts }, content.pictures);
  }
  const channelIds = content.pictures.length === 0 ? [] : onCalendar.map(({ channelId }) => channelId);
  const isStaged = staged !== null && fits(staged, content, channelIds);
  const rev = isStaged ? staged.rev : await writeRevision(tx, caller, post, content);
  if (!isStaged && channelIds.length > 0) {
    return { teamId: caller.teamId, postId, rev, channelIds, contentHash: content.contentHash };
  }
  await applyEdit(context, tx, caller, { ...post, ...content, rev, pictures: [...content.pictures] }, plan);
  return describe(context, tx, await lockPost(tx, caller, postId));
}

/** Its pictures are made for every channel that needs them now. */
function fits(staged: StagedRevision, content: PostContent, channelIds: readonly string[]): boolean {
  const isSame = Buffer.compare(staged.contentHash, content.contentHash) === 0;
  return isSame && channelIds.every((channelId) => staged.channelIds.includes(channelId));
}

/** One that was staged and given up leaves its number unused. */
async function writeRevision(
  tx: Transaction,
  author: Caller,
  { id: postId }: LockedPost,
  content: PostContent,
): Promise<number> {
  const [newest] = await tx.$queryRaw<{ rev: number }[]>`
    select max(rev)::int as rev from post_revision where post_id = ${postId}`;
  const rev = newest!.rev + 1;
  await insertRevision(tx, { author, postId, rev, ...content });
  return rev;
}

async function applyEdit(
  context: Context,
  tx: Transaction,
  caller: Caller,
  edited: LockedPost,
  { moved, removed, added }: EditPlan,
): Promise<void> {
  const { id: postId, rev } = edited;
  const { teamId } = caller;
  await tx.$executeRaw`update post set rev = ${rev}, updated_at = clock_timestamp() where id = ${postId}`;
  await tx.delivery.deleteMany({ where: { id: { in: removed.map(({ id }) => id) } } });
  await tx.delivery.createMany({
    data: added.map(({ id: channelId }) => ({ id: newId('delivery'), teamId, postId, channelId, rev })),
  });
  const drafts = moved.filter(({ state }) => state === 'draft');
  await tx.$executeRaw`update delivery set rev = ${rev} where id = any(${drafts.map(({ id }) => id)})`;
  const unapproved = { ...edited, decision: null };
  await moveToRevision(context, tx, caller, unapproved, moved.filter(isOnCalendar));
  // A tool's call is put on record by its guard.
  if (caller.kind === 'person') {
    await recordActivity({ db: tx }, { caller, action: 'post.updated', target: postId, result: 'ok' });
  }
}

async function describe(context: Context, tx: Transaction, post: LockedPost): Promise<PostUpdated> {
  const states = post.deliveries.map(({ state }) => state);
  return {
    postId: post.id,
    rev: post.rev,
    state: mostUrgent(states),
    isApprovalReset: post.decision === null && (await hadYesOrRequest(tx, post)),
    approvalUrl: states.includes('awaiting_approval') ? approvalUrl(context, post.id) : null,
    captions: post.deliveries.map((delivery) => ({
      channelId: delivery.channelId,
      ...checkPriced(context, delivery, delivery.parts, post.pictures),
    })),
  };
}

/** As the last word about any earlier revision. */
async function hadYesOrRequest(tx: Transaction, { id, rev }: LockedPost): Promise<boolean> {
  const [last] = await tx.$queryRaw<{ word: string }[]>`
    select decision as word, created_at from approval where post_id = ${id} and rev < ${rev}
    union all
    select 'requested', created_at from approval_request where post_id = ${id} and rev < ${rev}
    order by created_at desc limit 1`;
  return last !== undefined && last.word !== 'rejected';
}

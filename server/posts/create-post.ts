import { recordActivity } from '../activity/record-activity.ts';
import { assertMayWrite, connectionIdOf, type Caller } from '../caller.ts';
import { findChannels } from '../channels/find-channels.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CaptionCheck } from './check-caption.ts';
import { hashContent } from './content-hash.ts';
import { discardedConflict } from './discarded-conflict.ts';
import { checkPriced } from './find-price.ts';
import { findDuplicate } from './find-duplicate.ts';
import { insertRevision, type NewRevision } from './insert-revision.ts';
import { composeWords, type CaptionOverride, type PostWords } from './post-captions.ts';
import { findLibraryPictures } from './post-pictures.ts';
import { postUrl } from './post-urls.ts';

export interface PostInput {
  campaignId: string;
  channelIds: string[];
  /** For every channel without an override. */
  text: string;
  overrides?: CaptionOverride[] | undefined;
  /** Pictures of the library, in the order in which they are shown. */
  mediaIds?: string[] | undefined;
  /** The same ref under the same connection returns the same post. */
  clientRef?: string | undefined;
}

export interface PostCreated {
  postId: string;
  rev: number;
  captions: ({ channelId: string } & CaptionCheck)[];
  /** Another post with the very same text on one of the channels within 24 hours. */
  duplicateOf: string | null;
  url: string;
}

/**
 * Drafts a post with a caption and a delivery per channel. A caption that breaks a rule is saved and reported.
 * @throws AppError NotFound for a campaign, channel or media of another team; InvalidInput (`invalid_override`, `too_long`);
 *   Conflict (`client_ref_reused`, `campaign_archived`, `media_not_ready`, `post_discarded`); NotAllowed for a viewer
 */
export async function createPost(context: Context, caller: Caller, input: PostInput): Promise<PostCreated> {
  assertMayWrite(caller);
  const words = composeWords(input);

  return context.db.$transaction(async (tx) => {
    const pictures = await findLibraryPictures(tx, caller.teamId, [...new Set(input.mediaIds)]);
    await assertCampaignTakesPosts(tx, caller, input.campaignId);
    const channelIds = words.captions.map(({ channelId }) => channelId);
    const channels = await findChannels(tx, caller, channelIds);
    const content = { ...words, pictures, contentHash: hashContent(words.captions, pictures) };
    const { id: postId, rev, isNew } = await insertPost(tx, caller, input, words);
    if (isNew) await insertContent(tx, { author: caller, postId, rev, ...content });
    // A tool's call is put on record by its guard.
    if (isNew && caller.kind === 'person') {
      await recordActivity({ db: tx }, { caller, action: 'post.created', target: postId, result: 'ok' });
    }
    return {
      postId,
      rev,
      captions: words.captions.map(({ channelId, parts }) => {
        const channel = channels.find(({ id }) => id === channelId)!;
        return { channelId, ...checkPriced(context, channel, parts, pictures) };
      }),
      duplicateOf: await findDuplicate(tx, caller.teamId, postId),
      url: postUrl(context, postId),
    };
  });
}

async function assertCampaignTakesPosts(tx: Transaction, caller: Caller, campaignId: string): Promise<void> {
  const campaign = await tx.campaign.findUnique({
    where: { teamId_id: { teamId: caller.teamId, id: campaignId } },
    select: { status: true },
  });
  if (!campaign) {
    throw notFound({
      code: 'not_found',
      field: 'campaign_id',
      message: `There is no campaign ${campaignId} in this team.`,
    });
  }
  if (campaign.status === 'archived') {
    throw conflict({
      code: 'campaign_archived',
      field: 'campaign_id',
      message: 'This campaign is archived and takes no new posts. Choose another campaign.',
    });
  }
}

/** Of several calls with one client_ref the first one inserts; the others wait for it here and find its post. */
async function insertPost(
  tx: Transaction,
  caller: Caller,
  input: PostInput,
  words: PostWords,
): Promise<{ id: string; rev: number; isNew: boolean }> {
  const row = {
    id: newId('post'),
    teamId: caller.teamId,
    campaignId: input.campaignId,
    createdByPersonId: caller.personId,
    createdByConnectionId: connectionIdOf(caller),
    clientRef: input.clientRef ?? null,
  };
  const { count } = await tx.post.createMany({ data: [row], skipDuplicates: true });
  if (count === 1) return { id: row.id, rev: 1, isNew: true };

  const existing = await tx.post.findFirstOrThrow({
    where: { createdByConnectionId: row.createdByConnectionId, clientRef: row.clientRef },
    select: {
      ...{ id: true, rev: true, campaignId: true, discardedAt: true },
      revisions: {
        where: { rev: 1 },
        select: { text: true, captions: true, media: { orderBy: { position: 'asc' } } },
      },
    },
  });
  if (existing.discardedAt) throw discardedConflict(existing.discardedAt);
  const first = existing.revisions[0];
  // Not the content hash: what the library says of a picture may have changed since.
  const isSame =
    existing.campaignId === input.campaignId &&
    first?.text === words.text &&
    Buffer.compare(hashContent(first.captions, []), hashContent(words.captions, [])) === 0 &&
    first.media.map(({ mediaId }) => mediaId).join() === [...new Set(input.mediaIds)].join();
  if (isSame) return { id: existing.id, rev: existing.rev, isNew: false };
  throw conflict({
    code: 'client_ref_reused',
    field: 'client_ref',
    message: `This client_ref made post ${existing.id} with other content. Use a new client_ref for a new post.`,
  });
}

async function insertContent(tx: Transaction, revision: NewRevision): Promise<void> {
  await insertRevision(tx, revision);
  const { author, postId, rev, captions } = revision;
  await tx.delivery.createMany({
    data: captions.map(({ channelId }) => ({
      ...{ teamId: author.teamId, postId, rev, id: newId('delivery'), channelId },
    })),
  });
}

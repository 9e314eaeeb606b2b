import { assertMayWrite, connectionIdOf, type Caller } from '../caller.ts';
import { findChannels } from '../channels/find-channels.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict, invalidInput, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import { checkCaption, type CaptionCheck } from './check-caption.ts';
import { hashContent } from './content-hash.ts';
import { findDuplicate } from './find-duplicate.ts';
import { postUrl } from './post-urls.ts';

export interface PostInput {
  campaignId: string;
  channelIds: string[];
  /** For every channel without an override. */
  text: string;
  /** Other words for one channel: a text, or the parts of a thread. */
  overrides?: { channelId: string; text?: string | undefined; parts?: string[] | undefined }[] | undefined;
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
 * @throws AppError NotFound for a campaign or channel of another team; InvalidInput (`invalid_override`);
 *   Conflict (`client_ref_reused`, `campaign_archived`); NotAllowed for a viewer
 */
export async function createPost(context: Context, caller: Caller, input: PostInput): Promise<PostCreated> {
  assertMayWrite(caller);
  const channelIds = [...new Set(input.channelIds)];
  const captions = toCaptions(input, channelIds);
  const contentHash = hashContent(captions);

  return context.db.$transaction(async (tx) => {
    await assertCampaignTakesPosts(tx, caller, input.campaignId);
    const channels = await findChannels(tx, caller, channelIds);
    const { id: postId, rev, isNew } = await insertPost(tx, caller, input, contentHash);
    if (isNew)
      await insertContent(tx, { teamId: caller.teamId, postId, rev }, input.text, contentHash, captions);
    return {
      postId,
      rev,
      captions: captions.map(({ channelId, parts }) => ({
        channelId,
        ...checkCaption(
          channels.find(({ id }) => id === channelId)!,
          parts,
          [],
        ),
      })),
      duplicateOf: await findDuplicate(tx, caller.teamId, postId),
      url: postUrl(context, postId),
    };
  });
}

interface CaptionInput {
  channelId: string;
  parts: string[];
}

function toCaptions(input: PostInput, channelIds: string[]): CaptionInput[] {
  const overrides = new Map((input.overrides ?? []).map((override) => [override.channelId, override]));
  const stray = [...overrides.keys()].find((channelId) => !channelIds.includes(channelId));
  if (stray || overrides.size !== (input.overrides ?? []).length) {
    throw invalidInput({
      code: 'invalid_override',
      field: 'overrides',
      message: stray
        ? `The override for ${stray} has no channel to go to. Add it to channel_ids, or leave the override out.`
        : 'A channel has two overrides. Give one per channel; a thread goes into its parts.',
    });
  }
  return channelIds.map((channelId) => {
    const override = overrides.get(channelId);
    return { channelId, parts: override?.parts ?? [override?.text ?? input.text] };
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
  contentHash: Uint8Array,
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
    select: { id: true, rev: true, campaignId: true, revisions: { where: { rev: 1 } } },
  });
  const first = existing.revisions[0];
  const isSame =
    existing.campaignId === input.campaignId &&
    first?.text === input.text &&
    Buffer.compare(first.contentHash, contentHash) === 0;
  if (isSame) return { id: existing.id, rev: existing.rev, isNew: false };
  throw conflict({
    code: 'client_ref_reused',
    field: 'client_ref',
    message: `This client_ref made post ${existing.id} with other content. Use a new client_ref for a new post.`,
  });
}

async function insertContent(
  tx: Transaction,
  revision: { teamId: string; postId: string; rev: number },
  text: string,
  contentHash: Uint8Array<ArrayBuffer>,
  captions: CaptionInput[],
): Promise<void> {
  await tx.postRevision.create({ data: { ...revision, text, contentHash } });
  await tx.caption.createMany({ data: captions.map((caption) => ({ ...revision, ...caption })) });
  await tx.delivery.createMany({
    data: captions.map(({ channelId }) => ({ ...revision, id: newId('delivery'), channelId })),
  });
}

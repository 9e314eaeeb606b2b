import { createHash, randomBytes } from 'node:crypto';

import type { Caller } from '../../server/caller.ts';
import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import type { Context } from '../../server/context.ts';
import { approvePost } from '../../server/deliveries/approve-post.ts';
import { rejectPost } from '../../server/deliveries/reject-post.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { newId } from '../../server/ids.ts';
import { storageKeyOf } from '../../server/media/storage-key.ts';
import { createPost, type PostInput } from '../../server/posts/create-post.ts';
import { getPost } from '../../server/posts/get-post.ts';
import sharp from 'sharp';
import { createOwner, type TestOwner } from '../support/test-context.ts';

export const FAR = '2036-12-01T09:00';

/** A team with a campaign and two Playground channels, and short ways to the states that a post can be in. */
export async function createDraftScene(context: Context) {
  const owner = await createOwner(context);
  const { campaignId } = await createCampaign(context, owner.caller, { name: 'Launch', goal: 'Be seen' });
  const secondId = newId('channel');
  await context.db.channel.create({
    data: {
      ...{ id: secondId, teamId: owner.team.id, network: 'playground', handle: 'second' },
      remoteAccountId: secondId,
    },
  });
  const { playgroundChannelId: firstId } = owner;

  const draft = async (input: Partial<PostInput> = {}, caller: Caller = owner.caller): Promise<string> => {
    const whole = { campaignId, channelIds: [firstId], text: `Post ${newId('post')}`, ...input };
    return (await createPost(context, caller, whole)).postId;
  };
  const schedule = async (caller: Caller, postId: string, at = FAR, onlyChannelIds?: string[]) => {
    const { rev } = await getPost(context, caller, { postId });
    return schedulePost(context, caller, { postId, expectedRev: rev, at, onlyChannelIds });
  };
  const shown = async (postId: string) => {
    const { rev, contentHash } = await getPost(context, owner.caller, { postId });
    return { postId, rev, contentHash };
  };
  const approve = async (postId: string) => approvePost(context, owner.caller, await shown(postId));
  const reject = async (postId: string) => rejectPost(context, owner.caller, await shown(postId));
  const deliveryOn = async (postId: string, channelId = firstId) =>
    context.db.delivery.findUniqueOrThrow({ where: { postId_channelId: { postId, channelId } } });
  return { owner, campaignId, firstId, secondId, draft, schedule, shown, approve, reject, deliveryOn };
}

export type DraftScene = Awaited<ReturnType<typeof createDraftScene>>;

/** A picture that is ready in the library, with its file. */
export async function addPicture(
  context: Context,
  { team, person }: TestOwner,
  { altText = 'A hill', colour = '#336699', width = 1200, height = 900 } = {},
): Promise<string> {
  const bytes = new Uint8Array(
    await sharp({ create: { width, height, channels: 3, background: colour } })
      .jpeg()
      .withExif({ IFD0: { Copyright: randomBytes(8).toString('hex') } })
      .toBuffer(),
  );
  const hash = new Uint8Array(createHash('sha256').update(bytes).digest());
  const storageKey = storageKeyOf(team.id, hash);
  await context.mediaStore.put(storageKey, bytes, 'image/jpeg');
  const id = newId('media');
  await context.db.media.create({
    data: {
      ...{ id, teamId: team.id, createdByPersonId: person.id, state: 'ready', source: 'upload' },
      ...{ altText, mimeType: 'image/jpeg', width, height, byteCount: bytes.byteLength },
      ...{ storageKey, contentHash: hash, originHash: hash },
    },
  });
  return id;
}

import { randomBytes } from 'node:crypto';

import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { connectClient, type TestConnection } from '../domain/connect-client.ts';
import { createOwner, type TestOwner } from '../support/test-context.ts';

/** A team with one of everything that a tool can be asked about; every text in it is the given one. */
export interface World {
  owner: TestOwner;
  connection: TestConnection;
  campaignId: string;
  channelId: string;
  /** A draft at revision 1. */
  postId: string;
  /** Published on the Playground at revision 1. */
  publishedPostId: string;
  /** Its delivery needs a person: nobody knows whether the network took it. */
  stuckPostId: string;
  /** A picture that nothing uses. */
  mediaId: string;
  /** What was here: removed, disconnected, discarded, deleted. */
  gone: { campaignId: string; channelId: string; postId: string; mediaId: string };
}

export async function createWorld(context: Context, text: string): Promise<World> {
  const { db } = context;
  const owner = await createOwner(context);
  const connection = await connectClient(context, owner);
  const channelId = owner.playgroundChannelId;
  const makeCampaign = async () => {
    const { campaignId } = await createCampaign(context, owner.caller, { name: text, goal: text });
    return campaignId;
  };
  const campaignId = await makeCampaign();
  const makePost = async () => {
    const { postId } = await createPost(context, owner.caller, { campaignId, channelIds: [channelId], text });
    return postId;
  };
  const ids = {
    campaignId,
    channelId,
    postId: await makePost(),
    mediaId: await insertMedia(context, owner, text),
  };

  const publishedPostId = await makePost();
  await settle(context, publishedPostId, connection, 'published');
  const stuckPostId = await makePost();
  await settle(context, stuckPostId, connection, 'needs_attention');

  const gone = {
    campaignId: await makeCampaign(),
    channelId: newId('channel'),
    postId: await makePost(),
    mediaId: await insertMedia(context, owner, text),
  };
  await db.campaign.delete({ where: { id: gone.campaignId } });
  await db.channel.create({
    data: {
      ...{ id: gone.channelId, teamId: owner.team.id, network: 'playground', handle: 'gone' },
      ...{ remoteAccountId: `gone-${owner.team.id}`, disconnectedAt: new Date() },
    },
  });
  await db.post.update({ where: { id: gone.postId }, data: { discardedAt: new Date() } });
  await db.media.update({
    where: { id: gone.mediaId },
    data: { state: 'deleted' },
  });
  return { owner, connection, ...ids, publishedPostId, stuckPostId, gone };
}

async function insertMedia({ db }: Context, { team, person }: TestOwner, text: string): Promise<string> {
  const id = newId('media');
  const hash = new Uint8Array(randomBytes(32));
  await db.media.create({
    data: {
      ...{ id, teamId: team.id, createdByPersonId: person.id, state: 'ready', source: 'upload' },
      ...{
        filename: text,
        altText: text,
        mimeType: 'image/jpeg',
        width: 1200,
        height: 900,
        byteCount: 90_000,
      },
      ...{ storageKey: `${team.id}/${hash[0]}`, contentHash: hash, originHash: hash },
    },
  });
  return id;
}

/** As a worker leaves a delivery, without one. */
async function settle(
  { db, publicUrl }: Context,
  postId: string,
  { caller }: TestConnection,
  state: 'published' | 'needs_attention',
): Promise<void> {
  const { id, teamId, channelId } = await db.delivery.findFirstOrThrow({ where: { postId } });
  const { text } = await db.postRevision.findFirstOrThrow({ where: { postId } });
  const at = new Date(Date.now() - 3_600_000);
  const remoteId = newId('playgroundPost');
  const remoteUrl = `${publicUrl}/playground/${remoteId}`;
  const part = { deliveryId: id, partNo: 1, text };
  const sent = { remoteId, remoteUrl, publishedAt: at };
  const isLive = state === 'published';
  if (isLive) await db.playgroundPost.create({ data: { ...part, id: remoteId, teamId, channelId } });
  await db.deliveryPart.create({
    data: { ...part, key: `${id}-1`, frozenAt: at, prepared: {}, ...(isLive && sent) },
  });
  const hash = new Uint8Array(randomBytes(32));
  const isUnclear = { problemCode: 'outcome_unknown', problemMessage: 'Look at the network and decide.' };
  await db.delivery.update({
    where: { id },
    data: {
      ...{ state, dueAt: at, scheduledAt: at, sendStartedAt: at, timeZone: 'Europe/Berlin', fence: 1 },
      ...{ localTime: '2026-01-01T09:00:00', payloadHash: hash, scheduledByTool: 'schedule_post' },
      ...{ scheduledByConnectionId: caller.connectionId, ...(isLive ? sent : isUnclear) },
    },
  });
  const times = { startedAt: at, finishedAt: at, outcome: isLive ? 'published' : 'ambiguous' };
  await db.attempt.create({
    data: {
      ...{ deliveryId: id, partNo: 1, fence: 1, kind: 'send', payloadHash: hash, idempotencyKey: `${id}-1` },
      ...times,
    },
  });
}

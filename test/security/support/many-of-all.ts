import { createHash, randomBytes } from 'node:crypto';

import type { PersonCaller } from '../../../server/caller.ts';
import { createCampaign } from '../../../server/campaigns/create-campaign.ts';
import type { Context } from '../../../server/context.ts';
import { newId } from '../../../server/ids.ts';
import { addCard } from '../../../server/media/add-card.ts';
import { getPost } from '../../../server/posts/get-post.ts';
import { updatePost } from '../../../server/posts/update-post.ts';
import { addClientConnection, addClientEvents } from '../../http/support/clients-scene.ts';
import { addPost, type Scene } from '../../http/support/scene.ts';

const STATES = ['draft', 'awaiting_approval', 'scheduled', 'published', 'held', 'failed', 'needs_attention'];
const NETWORKS = ['mastodon', 'linkedin', 'x', 'threads', 'instagram', 'facebook', 'bluesky'];

/** So many of everything that a team can have, each in another state: made by the domain, or as it leaves them behind. */
export async function addManyOfAll(context: Context, scene: Scene, count: number): Promise<void> {
  const all = Array.from({ length: count }, (_, no) => no);
  const pictures = await addPictures(context, scene, all);
  // With the owner no more than there are of everything: addresses are told apart.
  await addPeople(context, scene, all.slice(1));
  for (const no of all) {
    const { db } = context;
    const { teamId, personId } = scene.owner;
    const channelId = await addChannel(context, teamId, no);
    const connectionId = await addConnection(context, scene.owner, no);
    const { campaignId } = await createCampaign(context, scene.owner, {
      ...{
        name: `Campaign ${no}`,
        goal: 'a',
        audience: 'b',
        keyMessages: ['c', 'd'],
        channelIds: [channelId],
      },
    });
    const state = STATES[no % STATES.length]!;
    const ofThis: Scene = { owner: scene.owner, channelId, campaignId };
    const postId = await addPost(context, ofThis, {
      ...{ text: 'x', state, hoursAhead: state === 'published' ? -(no + 1) : no + 1 },
      ...(state !== 'draft' && { connectionId }),
    });
    await describePost(context, scene, postId, { no, mediaId: pictures[no]!, connectionId });
    if (state === 'draft') {
      const changes = { text: 'y', mediaIds: [pictures[no]!] };
      await updatePost(context, scene.owner, { postId, expectedRev: 1, changes });
    }
    await db.killSwitch.create({
      data: {
        ...{ id: newId('killSwitch'), teamId, kind: 'channel', target: channelId, reason: 'r' },
        createdById: personId,
      },
    });
    await db.policyRule.create({
      data: {
        ...{ id: newId('policyRule'), teamId, createdById: personId, effect: 'ask', condition: 'always' },
        ...(no % 2 ? { connectionId } : { channelId }),
      },
    });
    await addWebhook(context, scene, no);
  }
}

async function addPictures(context: Context, { owner }: Scene, all: readonly number[]): Promise<string[]> {
  const { id } = await addCard(context, owner, { card: { title: 'a', subtitle: 'b' } });
  const { uploadTokenHash: _, ...card } = await context.db.media.findUniqueOrThrow({ where: { id } });
  const rows = all.map((no) => ({
    ...{ ...card, id: newId('media'), filename: 'f', altText: no % 4 ? 'a' : '', tags: ['t', 'u'] },
    // Never that of a draft, which could not take it.
    ...(no % STATES.length === 3 && { state: 'failed', problemCode: 'not_a_picture', problemMessage: 'p' }),
  }));
  await context.db.media.createMany({ data: rows });
  return rows.map((row) => row.id);
}

async function addPeople({ db }: Context, { owner }: Scene, all: readonly number[]): Promise<void> {
  const { teamId } = owner;
  const people = all.map((no) => ({ id: newId('person'), email: `person-${no}`, name: 'n' }));
  await db.person.createMany({ data: people });
  const members = people.map(({ id }) => ({ teamId, personId: id, role: 'viewer' }));
  await db.membership.createMany({ data: members });
  await db.invitation.createMany({
    data: all.map((no) => ({
      ...{
        id: newId('invitation'),
        tokenHash: new Uint8Array(randomBytes(32)),
        teamId,
        email: `invited-${no}`,
      },
      ...{ role: 'viewer', invitedById: owner.personId, expiresAt: inAnHour() },
    })),
  });
  await db.externalIdentity.create({
    data: { issuer: 'https://login.example.com', subject: 's', personId: owner.personId, email: 'e' },
  });
}

async function addChannel({ db }: Context, teamId: string, no: number): Promise<string> {
  const network = NETWORKS[no % NETWORKS.length]!;
  const practice = newId('channel');
  const data = { teamId, handle: 'h', remoteAccountId: `account-${no}` };
  await db.channel.create({
    data: {
      ...{ ...data, id: practice, network: 'playground' },
      ...(no % 3 && { imitates: network }),
    },
  });
  await db.channel.create({
    data: {
      ...{ ...data, id: newId('channel'), network, grantedScopes: ['s'] },
      status: no % 2 ? 'ok' : 'needs_reconnect',
    },
  });
  await db.channelSnapshot.create({
    data: { teamId, channelId: practice, day: new Date(Date.now() - 86_400_000), followers: no, posts: no },
  });
  return practice;
}

async function addConnection(context: Context, owner: PersonCaller, no: number): Promise<string> {
  const { id, clientId } = await addClientConnection(context, owner, {
    ...{ clientName: 'c', lastAddress: 'a', isRevoked: no % 4 === 3 },
    ...(no % 4 === 2 && { suspectMinutesAgo: 3 }),
  });
  const about = { clientId, connectionId: id, personId: owner.personId, minutesAgo: 2 };
  await addClientEvents(context, [
    { ...about, kind: 'consent_shown', userAgent: 'u' },
    { ...about, kind: 'token_refused', userAgent: 'u', reason: 'r' },
  ]);
  return id;
}

/** What people and networks said of it. */
async function describePost(
  context: Context,
  { owner }: Scene,
  postId: string,
  about: { no: number; mediaId: string; connectionId: string },
): Promise<void> {
  const { db } = context;
  const { teamId, personId } = owner;
  const { contentHash: hash } = await getPost(context, owner, { postId });
  const contentHash = new Uint8Array(Buffer.from(hash, 'hex'));
  const base = { teamId, postId, rev: 1 };
  const delivery = await db.delivery.findFirstOrThrow({ where: { postId } });
  if (delivery.state !== 'draft') {
    await db.revisionMedia.create({
      data: { ...base, position: 1, mediaId: about.mediaId, altText: about.no % 2 ? 'a' : null },
    });
  }
  const decision = about.no % 2 ? 'approved' : 'rejected';
  await db.approval.create({
    data: { ...base, id: newId('approval'), contentHash, personId, decision, note: 'n' },
  });
  await db.approvalRequest.create({
    data: {
      ...{ ...base, id: newId('approvalRequest'), contentHash, note: 'n', expiresAt: inAnHour() },
      ...{ requestedByPersonId: personId, requestedByConnectionId: about.connectionId },
    },
  });
  await db.deliveryPart.create({
    data: {
      ...{ deliveryId: delivery.id, partNo: 0, text: 't', key: 'k', frozenAt: new Date() },
      ...(delivery.state === 'published' && { remoteId: 'r', remoteUrl: 'u', publishedAt: new Date() }),
    },
  });
  await db.attempt.createMany({
    data: [
      {
        ...{ deliveryId: delivery.id, fence: 2, partNo: 0, kind: 'send', payloadHash: hashOf(postId) },
        ...{ idempotencyKey: 'k', startedAt: new Date(), finishedAt: new Date(), outcome: 'ambiguous' },
        evidence: { status: 500, code: 'c', message: 'm', remoteId: 'r', reason: 'r' },
      },
    ],
  });
  await db.activity.createMany({
    data: ['connection', 'person', 'system'].map((actor) => ({
      ...{ id: newId('activity'), teamId, actor, personId, connectionId: about.connectionId },
      ...{ action: 'create_post', target: postId, result: 'ok', rule: 'r', address: 'a' },
      detail: { reason: 'r', note: 'n', name: 'n', error: 'e' },
    })),
  });
  if (delivery.state === 'published') {
    await db.metricSnapshot.create({
      data: { teamId, deliveryId: delivery.id, views: 10, likes: 5, comments: 1, shares: 1 },
    });
  }
}

async function addWebhook({ db }: Context, { owner }: Scene, no: number): Promise<void> {
  const { teamId, personId } = owner;
  const [id, noticeId] = [newId('webhook'), newId('notice')];
  const sealedSecret = new Uint8Array(randomBytes(32));
  await db.webhook.create({
    data: { id, teamId, url: `https://hooks.example.com/${no}`, sealedSecret, createdById: personId },
  });
  const detail = { message: 'm', reason: 'r' };
  await db.notice.create({ data: { id: noticeId, teamId, kind: 'post.failed', target: 't', detail } });
  const call = { teamId, webhookId: id, noticeId, tries: 1, notBefore: null, lastOutcome: 'o' };
  await db.webhookCall.upsert({
    where: { webhookId_noticeId: { webhookId: id, noticeId } },
    ...{ create: call, update: call },
  });
}

function hashOf(text: string) {
  return new Uint8Array(createHash('sha256').update(text).digest());
}

function inAnHour(): Date {
  return new Date(Date.now() + 3_600_000);
}

import { createHash } from 'node:crypto';

import type { PersonCaller } from '../../../server/caller.ts';
import { createCampaign } from '../../../server/campaigns/create-campaign.ts';
import type { Context } from '../../../server/context.ts';
import { newId } from '../../../server/ids.ts';
import { createPost } from '../../../server/posts/create-post.ts';
import type { Role } from '../../../server/scopes.ts';
import { SCOPES } from '../../../server/scopes.ts';
import { createFirstOwner } from '../../../server/teams/first-owner.ts';
import { createPerson, prepareNewPerson } from '../../../server/teams/people.ts';

export const PASSWORD = 'a quiet harbour at dawn';
export const OWNER = { email: 'olivia@example.com', password: PASSWORD };

export interface Scene {
  owner: PersonCaller;
  channelId: string;
  campaignId: string;
}

/** An owner with a team, its Playground channel and a campaign. */
export async function createScene(context: Context): Promise<Scene> {
  const first = await createFirstOwner(context, {
    ...OWNER,
    name: 'Olivia Owner',
    teamName: 'Harbour Bakery',
    timeZone: 'Europe/Berlin',
  });
  const owner: PersonCaller = { kind: 'person', role: 'owner', ...first };
  const channel = await context.db.channel.findFirstOrThrow({ where: { teamId: owner.teamId } });
  const { campaignId } = await createCampaign(context, owner, {
    name: 'Opening week',
    goal: 'Fill the shop on Saturday',
    audience: 'People within walking distance',
    keyMessages: ['Sourdough since 1987', 'First 50 loaves are free'],
    channelIds: [channel.id],
    startsOn: '2026-12-01',
    endsOn: '2026-12-07',
  });
  return { owner, channelId: channel.id, campaignId };
}

export async function addMember(
  context: Context,
  teamId: string,
  role: Role,
): Promise<{ email: string; password: string; caller: PersonCaller }> {
  const email = `${role}-${newId('person').slice(-6)}@example.com`;
  const person = await prepareNewPerson({ email, name: `The ${role}`, password: PASSWORD });
  const personId = await context.db.$transaction((tx) => createPerson(tx, person));
  await context.db.membership.create({ data: { teamId, personId, role } });
  return { email, password: PASSWORD, caller: { kind: 'person', teamId, personId, role } };
}

export async function addConnection(
  context: Context,
  caller: PersonCaller,
  clientName: string,
): Promise<string> {
  const clientId = createHash('sha256').update(newId('connection')).digest('hex').slice(0, 20);
  await context.db.client.create({ data: { id: clientId, payload: {} } });
  const { id } = await context.db.connection.create({
    data: {
      id: newId('connection'),
      teamId: caller.teamId,
      personId: caller.personId,
      clientId,
      clientName,
      redirectHost: '127.0.0.1',
      scopes: SCOPES.filter((scope) => scope !== 'posts:publish'),
    },
  });
  return id;
}

export interface PostScene {
  text: string;
  state?: string;
  connectionId?: string;
  hoursAhead?: number;
}

/** A post on the Playground whose one delivery is in the given state, as if the worker had brought it there. */
export async function addPost(
  context: Context,
  { owner, channelId, campaignId }: Scene,
  input: PostScene,
): Promise<string> {
  const { postId } = await createPost(context, owner, {
    campaignId,
    channelIds: [channelId],
    text: input.text,
  });
  const state = input.state ?? 'draft';
  if (state === 'draft') return postId;
  const dueAt = new Date(Date.now() + (input.hoursAhead ?? 20) * 3_600_000);
  const delivery = await context.db.delivery.findFirstOrThrow({ where: { postId } });
  const stopped = ['held', 'failed', 'needs_attention', 'missed'].includes(state);
  const isSent = ['sending', 'unknown', 'needs_attention', 'published', 'taken_down'].includes(state);
  const remoteId = state === 'published' ? newId('playgroundPost') : null;
  await context.db.delivery.update({
    where: { id: delivery.id },
    data: {
      state,
      dueAt,
      notBefore: dueAt,
      notAfter: new Date(dueAt.getTime() + 1_800_000),
      timeZone: 'Europe/Berlin',
      scheduledAt: new Date(),
      ...(isSent && { sendStartedAt: new Date(), payloadHash: Buffer.alloc(32) }),
      ...(input.connectionId
        ? { scheduledByConnectionId: input.connectionId }
        : { scheduledByPersonId: owner.personId }),
      ...(stopped && {
        problemCode: 'connection_revoked',
        problemMessage: 'The connection that scheduled this post was revoked.',
      }),
      ...(remoteId && {
        remoteId,
        remoteUrl: `${context.publicUrl}/playground/${remoteId}`,
        publishedAt: dueAt,
      }),
    },
  });
  if (remoteId) {
    await context.db.playgroundPost.create({
      data: {
        id: remoteId,
        teamId: owner.teamId,
        channelId,
        deliveryId: delivery.id,
        partNo: 0,
        text: input.text,
      },
    });
    await context.db.attempt.create({
      data: {
        deliveryId: delivery.id,
        fence: 1,
        partNo: 0,
        kind: 'send',
        payloadHash: Buffer.alloc(32),
        idempotencyKey: 'k',
        startedAt: new Date(),
        finishedAt: new Date(),
        outcome: 'published',
      },
    });
  }
  return postId;
}

import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { Prisma } from '../../prisma/generated/client.ts';
import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import { releaseHeld } from '../../server/channels/release-held.ts';
import { disconnectChannel } from '../../server/channels/disconnect-channel.ts';
import type { Context } from '../../server/context.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { newId } from '../../server/ids.ts';
import { revokeConnection } from '../../server/oauth/connections.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';
import { connectClient, scopesOf, type TestConnection } from './connect-client.ts';

let context: Context;
let owner: TestOwner;

beforeAll(async () => {
  context = await openTestContext();
  owner = await createOwner(context);
});

afterAll(async () => context[Symbol.asyncDispose]());

/** Deliveries on one channel, lowest id first; on disk the lowest lies last. */
async function scheduleTwo(publisher: TestConnection, channelId: string): Promise<[string, string]> {
  const { campaignId } = await createCampaign(context, owner.caller, { name: 'Launch', goal: 'Be seen' });
  for (const text of [`One on ${channelId}`, `Two on ${channelId}`]) {
    const input = { campaignId, channelIds: [channelId], text };
    const { postId } = await createPost(context, publisher.caller, input);
    await schedulePost(context, publisher.caller, { postId, expectedRev: 1, at: '2036-12-01T09:00' });
  }
  const [first, second] = await context.db.delivery.findMany({
    where: { channelId },
    orderBy: { id: 'asc' },
  });
  await context.db
    .$executeRaw`update delivery set not_before = not_before + interval '1 second' where id = ${first!.id}`;
  return [first!.id, second!.id];
}

/** While somebody moves both deliveries, lowest id first, `stop` begins in between. */
async function stopInBetween([first, second]: [string, string], stop: () => Promise<unknown>) {
  const stopped = Promise.withResolvers<unknown>();
  await context.db.$transaction(async (tx) => {
    await tx.$executeRaw`select from delivery where id = ${first} for update`;
    stop().then(stopped.resolve, stopped.reject);
    await vi.waitFor(async () => {
      const waiting = await context.db.$queryRaw<unknown[]>`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      expect(waiting).toHaveLength(1);
    });
    await tx.$executeRaw`select from delivery where id = ${second} for update`;
  });
  return stopped.promise;
}

async function addChannel(): Promise<string> {
  const id = newId('channel');
  await context.db.channel.create({
    data: { id, teamId: owner.team.id, network: 'bluesky', handle: 'a.example', remoteAccountId: id },
  });
  return id;
}

test('revoking waits for whoever moves the same deliveries, and neither fails', async () => {
  const publisher = await connectClient(context, owner, scopesOf('publish'));
  const ids = await scheduleTwo(publisher, owner.playgroundChannelId);
  const revoke = () => revokeConnection(context, owner.caller, publisher.caller.connectionId);
  expect(await stopInBetween(ids, revoke)).toEqual({ heldDeliveries: 2 });
});

test('so does disconnecting a channel', async () => {
  const publisher = await connectClient(context, owner, scopesOf('publish'));
  const channelId = await addChannel();
  const ids = await scheduleTwo(publisher, channelId);
  const disconnect = () => disconnectChannel(context, owner.caller, { channelId });
  expect(await stopInBetween(ids, disconnect)).toEqual({ heldDeliveries: 2 });
});

test('and so does linking it again', async () => {
  const publisher = await connectClient(context, owner, scopesOf('publish'));
  const channelId = await addChannel();
  const ids = await scheduleTwo(publisher, channelId);
  await context.db.$executeRaw`
    update delivery set state = 'held', problem_code = 'channel_disconnected' where id = any(${ids})`;
  await context.db.$executeRaw`
    update delivery set not_before = not_before + interval '1 second' where id = ${ids[0]}`;
  const link = () => context.db.$transaction((tx) => releaseHeld(tx, channelId));
  expect(await stopInBetween(ids, link)).toBe(2);
});

/**
 * While `stop` waits for the row that it changes, a delivery is scheduled; then somebody locks that delivery and asks for the
 * row, as a send does.
 */
async function stopBeside(
  row: Prisma.Sql,
  lateId: string,
  stop: () => Promise<unknown>,
): Promise<[unknown, unknown]> {
  const sent = Promise.withResolvers<unknown>();
  const isSending = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<unknown>();
  const waitFor = (count: number) =>
    vi.waitFor(async () => {
      const waiting = await context.db.$queryRaw<unknown[]>`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      expect(waiting).toHaveLength(count);
    });
  await context.db.$transaction(async (tx) => {
    await tx.$executeRaw`select from ${row} for update`;
    stop().then(stopped.resolve, stopped.reject);
    await waitFor(1);
    await context.db.$executeRaw`update delivery set state = 'scheduled' where id = ${lateId}`;
    const send = context.db.$transaction(async (sender) => {
      await sender.$executeRaw`select from delivery where id = ${lateId} for update`;
      isSending.resolve();
      await sender.$executeRaw`select from ${row} for share`;
    });
    send.then(sent.resolve, sent.reject);
    await isSending.promise;
    await waitFor(2);
  });
  return Promise.all([stopped.promise, sent.promise]);
}

async function draftLate([, second]: [string, string]): Promise<string> {
  await context.db.delivery.update({ where: { id: second }, data: { state: 'draft' } });
  return second;
}

test('revoking and a send that began meanwhile do not wait for each other', async () => {
  const publisher = await connectClient(context, owner, scopesOf('publish'));
  const channelId = await addChannel();
  const late = await draftLate(await scheduleTwo(publisher, channelId));
  const { connectionId } = publisher.caller;
  const revoke = () => revokeConnection(context, owner.caller, connectionId);
  const row = Prisma.sql`connection where id = ${connectionId}`;
  expect(await stopBeside(row, late, revoke)).toEqual([{ heldDeliveries: expect.any(Number) }, undefined]);
});

test('neither do disconnecting and a send', async () => {
  const publisher = await connectClient(context, owner, scopesOf('publish'));
  const channelId = await addChannel();
  const late = await draftLate(await scheduleTwo(publisher, channelId));
  const disconnect = () => disconnectChannel(context, owner.caller, { channelId });
  const row = Prisma.sql`channel where id = ${channelId}`;
  expect(await stopBeside(row, late, disconnect)).toEqual([
    { heldDeliveries: expect.any(Number) },
    undefined,
  ]);
});

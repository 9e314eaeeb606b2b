// Through the engine: a container outlives the tries, whatever ends them, and only its own network says that it is lost.
import { expect, test } from 'vitest';

import { resolveDelivery } from '../../server/deliveries/resolve-delivery.ts';
import { readDelivery } from '../publishing/fixtures.ts';
import type { FakeThreads } from '../support/fakes/meta/threads.ts';
import { openContractRun } from './contract-run.ts';
import { startThreadsRig } from './threads-rig.ts';

let fake: FakeThreads;
const run = openContractRun(async () => {
  const rig = await startThreadsRig();
  ({ fake } = rig);
  return rig;
}, 'threads');

const accountOf = async (channelId: string) =>
  (await run.context.db.channel.findUniqueOrThrow({ where: { id: channelId } })).remoteAccountId;
const containersOf = async (channelId: string) => {
  const accountId = await accountOf(channelId);
  return [...fake.containers.values()].filter((container) => container.accountId === accountId);
};

test('a picture that takes its time: the post waits, and the container that was made first is published', async () => {
  fake.processingSeconds = 60;
  const channelId = await run.createChannel();
  const id = await run.schedule(channelId, { altTexts: ['A quay'] });
  await run.waitFor(id, { state: 'scheduled', problemCode: 'media_not_ready' });
  fake.clock.moveBy(60);
  fake.processingSeconds = 0;
  await run.endWaiting(channelId);
  const delivery = await run.waitForRest(id);
  expect(delivery).toMatchObject({ state: 'published', problemCode: null });
  expect(delivery.attempts.map(({ outcome }) => outcome)).toEqual(['published']);
  expect((await containersOf(channelId)).map(({ publishedAs }) => publishedAs)).toEqual([delivery.remoteId]);
});

test('too many calls: the container that waited is published, and no second one is made', async () => {
  const channelId = await run.createChannel();
  run.rig.limitNextPublish(channelId, 300);
  const id = await run.schedule(channelId);
  await run.waitFor(id, { state: 'scheduled', problemCode: 'rate_limited' });
  await run.endWaiting(channelId);
  const delivery = await run.waitForRest(id);
  expect((await containersOf(channelId)).map(({ publishedAs }) => publishedAs)).toEqual([delivery.remoteId]);
});

test('one that was lost while the post waited is made anew, and one post is shown', async () => {
  const channelId = await run.createChannel();
  run.rig.limitNextPublish(channelId, 300);
  const id = await run.schedule(channelId);
  await run.waitFor(id, { state: 'scheduled', problemCode: 'rate_limited' });
  for (const container of await containersOf(channelId)) container.error = 'UNKNOWN';
  await run.endWaiting(channelId);
  const delivery = await run.waitForRest(id);
  expect(delivery).toMatchObject({ state: 'published' });
  const published = (await containersOf(channelId)).map(({ publishedAs }) => publishedAs);
  expect(published).toEqual([null, delivery.remoteId]);
  expect(await run.shown(channelId)).toHaveLength(1);
});

test('an unclear send whose container failed: nothing was published, so a new one is', async () => {
  const channelId = await run.createChannel();
  run.rig.failNextPublish(channelId, 'cut_before');
  const id = await run.schedule(channelId);
  await run.waitFor(id, { state: 'unknown' });
  for (const container of await containersOf(channelId)) container.error = 'UNKNOWN';
  const delivery = await run.waitForRest(id);
  expect(delivery).toMatchObject({ state: 'published' });
  expect(await run.shown(channelId)).toHaveLength(1);
});

test('one that is gone after an unclear send is not made anew when somebody retries: it may have been published', async () => {
  const channelId = await run.createChannel();
  run.rig.failNextPublish(channelId, 'cut_after');
  const id = await run.schedule(channelId);
  await run.waitFor(id, { state: 'unknown' });
  for (const { id: containerId } of await containersOf(channelId)) fake.containers.delete(containerId);
  await run.waitFor(id, { state: 'needs_attention' });
  const { context, team } = run;
  const { postId } = await readDelivery(context, id);
  await resolveDelivery(context, team.caller, { postId, channelId, action: 'retry' });
  await run.waitFor(id, { state: 'needs_attention', problemCode: 'outcome_unknown' });
  expect(await containersOf(channelId)).toEqual([]);
  expect(await run.shown(channelId)).toHaveLength(1);
});

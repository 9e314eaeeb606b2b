import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { findTimelinePost } from '../../server/posts/find-timeline.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { openTestContext } from '../support/test-context.ts';
import { createPublishingTeam, readDelivery, scheduleTestDelivery, type PublishingTeam } from './fixtures.ts';
import { attachPictures } from './picture-fixtures.ts';

let folder: string;
let context: Context;
let team: PublishingTeam;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'grantcast-pictures-'));
  context = await openTestContext({ DATA_DIR: folder });
  team = await createPublishingTeam(context);
});
afterAll(async () => {
  await context[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function schedule(altTexts: (string | null)[], parts?: string[]) {
  const delivery = await scheduleTestDelivery(context, team, parts ? { parts } : {});
  await attachPictures(context, team, delivery, altTexts);
  return delivery;
}

test('pictures leave with the first part, in order, with their alt texts', async () => {
  const { id, postId } = await schedule(['A quay', null], ['one', 'two']);
  await publishDelivery(context, id);
  const delivery = await readDelivery(context, id);
  expect(delivery).toMatchObject({ state: 'published', problemCode: null });
  const shown = await findTimelinePost(context, team.caller, delivery.remoteId!);
  expect(shown.pictures).toMatchObject([
    { altText: 'A quay', width: 640, height: 480 },
    { altText: '', width: 640, height: 480 },
  ]);
  const channelId = team.playgroundChannelId;
  const { contentHash } = await context.db.rendition.findFirstOrThrow({ where: { postId, position: 1 } });
  const version = Buffer.from(contentHash).toString('hex').slice(0, 16);
  expect(shown.pictures[0]!.url).toBe(`/renditions/${postId}/1/${channelId}/1?v=${version}`);
  const second = await context.db.playgroundPost.findFirstOrThrow({ where: { deliveryId: id, partNo: 2 } });
  expect(second.media).toEqual([]);
});

test('the hash of what leaves covers pictures and alt texts', async () => {
  const hashOf = async (altText: string | null) => {
    const { id } = altText === null ? await scheduleTestDelivery(context, team) : await schedule([altText]);
    await publishDelivery(context, id);
    const { attempts } = await readDelivery(context, id);
    return Buffer.from(attempts[0]!.payloadHash).toString('hex');
  };
  const hashes = [await hashOf(null), await hashOf('One'), await hashOf('Other')];
  expect(new Set(hashes).size).toBe(3);
});

test('what was sent without an answer goes again with the same pictures, whatever the library says by now', async () => {
  const { id, postId } = await schedule(['As it was']);
  const playground = { ...context.networks.get('playground')!, quarantineSeconds: 0 };
  let isLost = true;
  const networks = new Map(context.networks).set('playground', {
    ...playground,
    async send(call) {
      if (!isLost) return playground.send(call);
      isLost = false;
      throw new Error('the line was cut before a byte left');
    },
  });
  const on = { ...context, networks };
  await publishDelivery(on, id);
  const [before] = (await readDelivery(context, id)).attempts;
  await context.db.revisionMedia.updateMany({ where: { postId }, data: { altText: 'Another' } });
  for (let round = 0; round < 4; round += 1) await publishDelivery(on, id);
  const delivery = await readDelivery(context, id);
  expect(delivery.state).toBe('published');
  const sends = delivery.attempts.filter(({ kind }) => kind === 'send');
  expect(sends).toHaveLength(2);
  for (const { payloadHash } of sends) expect(payloadHash).toEqual(before!.payloadHash);
  const shown = await findTimelinePost(context, team.caller, delivery.remoteId!);
  expect(shown.pictures).toMatchObject([{ altText: 'As it was' }]);
});

test('without its picture nothing is sent: a file that is gone is tried again, then it fails and says so', async () => {
  const { id, postId } = await schedule(['Gone']);
  const { storageKey } = await context.db.rendition.findFirstOrThrow({ where: { postId } });
  await context.mediaStore.remove(storageKey);
  await publishDelivery(context, id);
  expect(await readDelivery(context, id)).toMatchObject({
    state: 'scheduled',
    problemCode: 'media_unreadable',
  });
  await context.db.delivery.update({ where: { id }, data: { retryCount: 5, notBefore: new Date() } });
  await publishDelivery(context, id);
  expect(await readDelivery(context, id)).toMatchObject({ state: 'failed', problemCode: 'media_unreadable' });
  expect(await context.db.playgroundPost.count({ where: { deliveryId: id } })).toBe(0);
});

test('a rendition that is missing and cannot be made any more fails at once', async () => {
  const { id, postId } = await schedule(['Missing']);
  await context.db.rendition.deleteMany({ where: { postId } });
  await context.db.media.updateMany({
    where: { uses: { some: { postId } } },
    data: { state: 'deleted' },
  });
  await publishDelivery(context, id);
  const delivery = await readDelivery(context, id);
  expect(delivery).toMatchObject({ state: 'failed', problemCode: 'media_deleted' });
  expect(delivery.attempts).toEqual([]);
});

import { afterAll, beforeAll, expect, test } from 'vitest';

import { addPlaygroundChannel } from '../../server/channels/add-playground-channel.ts';
import type { Context } from '../../server/context.ts';
import { openTestContext } from '../support/test-context.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { createPublishingTeam, readDelivery, scheduleTestDelivery, type PublishingTeam } from './fixtures.ts';

let context: Context;
let team: PublishingTeam;
let channelId: string;

beforeAll(async () => {
  context = await openTestContext();
  team = await createPublishingTeam(context);
  channelId = await addPlaygroundChannel(context.db, team.team.id, 'mastodon');
});
afterAll(() => context[Symbol.asyncDispose]());

const limitTo = (max_characters: number) =>
  context.db.channel.update({ where: { id: channelId }, data: { ownLimits: { max_characters } } });

test('a caption that its server takes no more fails with the id of the rule, and nothing is sent', async () => {
  await limitTo(600);
  const { id } = await scheduleTestDelivery(context, team, { channelId, parts: ['a'.repeat(550)] });
  await limitTo(500);
  await publishDelivery(context, id);
  const delivery = await readDelivery(context, id);
  expect(delivery).toMatchObject({
    state: 'failed',
    problemCode: 'text_length',
    problemMessage: expect.stringContaining(
      'Shorten the text by 50 characters: Mastodon takes 500.',
    ) as unknown,
    attempts: [],
  });
  expect(await context.db.playgroundPost.count({ where: { deliveryId: id } })).toBe(0);
});

test('a thread of which a part is live is not judged anew', async () => {
  await limitTo(500);
  const { id } = await scheduleTestDelivery(context, team, { channelId, parts: ['First', 'b'.repeat(300)] });
  await context.db.deliveryPart.create({
    data: {
      deliveryId: id,
      partNo: 1,
      text: 'First',
      key: `${id}-1`,
      frozenAt: new Date(),
      remoteId: 'earlier',
      remoteUrl: 'http://127.0.0.1:3000/playground/earlier',
    },
  });
  await limitTo(200);
  await publishDelivery(context, id);
  expect((await readDelivery(context, id)).problemCode).not.toBe('text_length');
});

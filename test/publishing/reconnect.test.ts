import { afterAll, beforeAll, expect, test } from 'vitest';

import { askToReconnect } from '../../server/channels/refresh-channel.ts';
import { releaseHeld } from '../../server/channels/release-held.ts';
import type { Context } from '../../server/context.ts';
import { openTestContext } from '../support/test-context.ts';
import { createPublishingTeam, readDelivery, scheduleTestDelivery } from './fixtures.ts';

let context: Context;
beforeAll(async () => {
  context = await openTestContext();
});
afterAll(() => context[Symbol.asyncDispose]());

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

test.each([
  ['with the credentials that failed', 'old', 'old', 'needs_reconnect'],
  ['without any, as when they failed', null, null, 'needs_reconnect'],
  ['linked again meanwhile', 'new', 'old', 'ok'],
  ['linked meanwhile for the first time', 'new', null, 'ok'],
])('a channel %s: %s now, %s then', async (_, now, then, status) => {
  const { playgroundChannelId: channelId } = await createPublishingTeam(context);
  await context.db.channel.update({
    where: { id: channelId },
    data: { credentials: now === null ? null : bytes(now) },
  });
  await askToReconnect(context, { channelId, sealedCredentials: then === null ? null : bytes(then) });
  expect((await context.db.channel.findUniqueOrThrow({ where: { id: channelId } })).status).toBe(status);
});

test.each([
  ['could not be looked for is looked for at once', 7, true],
  ['waits for its send to be surely over waits on', 0, false],
])('on a channel that is linked again, what %s', async (_, retryCount, isDue) => {
  const team = await createPublishingTeam(context);
  const { id } = await scheduleTestDelivery(context, team);
  const notBefore = new Date(Date.now() + 600_000);
  const sent = { sendStartedAt: new Date(), payloadHash: bytes('hash'), notBefore, retryCount };
  await context.db.delivery.update({ where: { id }, data: { state: 'unknown', ...sent } });
  await context.db.$transaction((tx) => releaseHeld(tx, team.playgroundChannelId));
  const after = await readDelivery(context, id);
  expect(after).toMatchObject({ state: 'unknown', retryCount: 0 });
  expect(after.notBefore! < notBefore).toBe(isDue);
});

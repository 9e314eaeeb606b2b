import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import type { Context } from '../../server/context.ts';
import { cancelSchedule } from '../../server/deliveries/cancel-schedule.ts';
import { handOverDeliveries } from '../../server/deliveries/hand-over.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { revokeConnection } from '../../server/oauth/connections.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { getPost } from '../../server/posts/get-post.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';
import { connectClient, scopesOf, type TestConnection } from './connect-client.ts';

let context: Context;
let owner: TestOwner;
/** May publish unasked. */
let publisher: TestConnection;
let campaignId: string;
let postId: string;

beforeAll(async () => {
  context = await openTestContext();
  owner = await createOwner(context);
  publisher = await connectClient(context, owner, scopesOf('publish'));
  ({ campaignId } = await createCampaign(context, owner.caller, { name: 'Launch', goal: 'Be seen' }));
});

afterAll(async () => context[Symbol.asyncDispose]());

let drafted = 0;

async function draftPost(): Promise<string> {
  const input = { campaignId, channelIds: [owner.playgroundChannelId], text: `Post ${(drafted += 1)}` };
  return (await createPost(context, publisher.caller, input)).postId;
}

beforeEach(async () => {
  postId = await draftPost();
});

const wish = () => ({ postId, expectedRev: 1, at: '2036-12-01T09:00' });

const readDelivery = () => context.db.delivery.findFirstOrThrow({ where: { postId } });

test('a person who cancels is on record, once', async () => {
  await schedulePost(context, publisher.caller, wish());
  await cancelSchedule(context, owner.caller, { postId });
  await cancelSchedule(context, owner.caller, { postId });
  const rows = await context.db.activity.findMany({ where: { target: postId, action: 'post.cancelled' } });
  expect(rows).toMatchObject([
    { actor: 'person', personId: owner.person.id, teamId: owner.team.id, result: 'ok' },
  ]);
});

test('what a person took off the schedule goes back only with a person’s yes', async () => {
  await schedulePost(context, owner.caller, wish());
  await cancelSchedule(context, owner.caller, { postId });
  expect(await schedulePost(context, publisher.caller, wish())).toMatchObject({ state: 'awaiting_approval' });
  await cancelSchedule(context, publisher.caller, { postId });
  expect(await schedulePost(context, owner.caller, wish())).toMatchObject({ state: 'scheduled' });
});

test.each([
  ['is in force', async () => undefined],
  ['was revoked', (id: string) => revokeConnection(context, owner.caller, id)],
])(
  'handing over asks about what a stolen token may have scheduled, when the connection %s',
  async (_name, stop) => {
    const stolen = await connectClient(context, owner, scopesOf('publish'));
    const { connectionId } = stolen.caller;
    const before = await draftPost();
    await schedulePost(context, stolen.caller, { ...wish(), postId: before });
    await context.db
      .$executeRaw`update connection set suspect_since = clock_timestamp() where id = ${connectionId}`;
    postId = await draftPost();
    await schedulePost(context, stolen.caller, wish());
    await stop(connectionId);
    expect(await handOverDeliveries(context, owner.caller, { connectionId })).toEqual({
      scheduled: 1,
      awaitingApproval: 1,
      missed: 0,
    });
    expect(await readDelivery()).toMatchObject({
      state: 'awaiting_approval',
      scheduledByPersonId: owner.person.id,
    });
    expect((await getPost(context, owner.caller, { postId })).approval).toBeNull();
  },
);

test('a connection revoked meanwhile schedules nothing', async () => {
  const revoked = await connectClient(context, owner, scopesOf('publish'));
  await revokeConnection(context, owner.caller, revoked.caller.connectionId);
  await expect(schedulePost(context, revoked.caller, wish())).rejects.toMatchObject({
    kind: 'NotAllowed',
    details: { code: 'connection_revoked' },
  });
  expect((await readDelivery()).state).toBe('draft');
});

test('scheduling and revoking at once never leaves a scheduled post under a revoked connection', async () => {
  for (let round = 0; round < 15; round += 1) {
    postId = await draftPost();
    const racing = await connectClient(context, owner, scopesOf('publish'));
    await Promise.allSettled([
      schedulePost(context, racing.caller, wish()),
      revokeConnection(context, owner.caller, racing.caller.connectionId),
    ]);
    expect((await readDelivery()).state).not.toBe('scheduled');
  }
});

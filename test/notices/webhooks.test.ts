import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { RETRY_SECONDS } from '../../server/notices/claim-webhook-calls.ts';
import { addWebhook, enableWebhook, listWebhooks, testWebhook } from '../../server/notices/webhooks.ts';
import { requestApproval } from '../../server/deliveries/request-approval.ts';
import { callDueWebhooks } from '../../workers/call-webhooks.ts';
import { createPublishingTeam, scheduleTestDelivery, type PublishingTeam } from '../publishing/fixtures.ts';
import { startFakeServer, type FakeAnswer, type FakeServer } from '../support/fakes/fake-server.ts';
import { openTestContext } from '../support/test-context.ts';

let receiver: FakeServer;
let answer: FakeAnswer;
let context: Context;
let team: PublishingTeam;

beforeAll(async () => {
  receiver = await startFakeServer(() => answer);
  context = await openTestContext({ ALLOW_PRIVATE_HOSTS: new URL(receiver.url).host });
});
afterAll(async () => {
  await context[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});
beforeEach(async () => {
  answer = { status: 204 };
  receiver.journal.length = 0;
  await context.db.webhook.deleteMany();
  team = await createPublishingTeam(context);
});

const add = () => addWebhook(context, team.caller, { url: `${receiver.url}/hook` });

/** Everything that is waiting is due now. */
const hurry = () =>
  context.db.$executeRaw`update webhook_call set not_before = clock_timestamp() where not_before is not null`;

async function stop(deliveryId: string, state = 'held', code = 'connection_revoked') {
  await context.db.delivery.update({
    where: { id: deliveryId },
    data: { state, problemCode: code, problemMessage: 'It was revoked.' },
  });
}

describe('a webhook', () => {
  test('is told of a post that stopped, in a call that the foreign library verifies', async () => {
    const { secret } = await add();
    const { id, postId } = await scheduleTestDelivery(context, team);
    await stop(id);
    expect(await callDueWebhooks(context)).toBe(1);
    const [{ request }] = receiver.journal as [FakeServer['journal'][number]];
    const headers = Object.fromEntries(request.headers);
    const body = request.body.toString('utf8');
    const payload = new Webhook(secret).verify(body, headers) as object;
    expect(payload).toMatchObject({
      type: 'post.held',
      data: {
        team_id: team.team.id,
        post_id: postId,
        code: 'connection_revoked',
        message: 'It was revoked.',
        url: `http://127.0.0.1:3000/posts/${postId}`,
      },
    });
    expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow('No matching signature');
    expect(await callDueWebhooks(context)).toBe(0);
  });

  test('is told of every kind, and of another team’s posts never', async () => {
    const stranger = await createPublishingTeam(context);
    await addWebhook(context, stranger.caller, { url: `${receiver.url}/stranger` });
    await add();
    for (const state of ['needs_attention', 'held', 'failed', 'missed', 'awaiting_approval']) {
      const { id } = await scheduleTestDelivery(context, team);
      await stop(id, state);
    }
    const { postId } = await scheduleTestDelivery(context, team);
    await context.db.delivery.updateMany({ where: { postId }, data: { state: 'draft', notBefore: null } });
    await context.db.approval.deleteMany({ where: { postId } });
    await requestApproval(context, team.caller, { postId, expectedRev: 1 });
    await context.db.channel.update({
      where: { id: team.playgroundChannelId },
      data: { status: 'needs_reconnect' },
    });
    while ((await callDueWebhooks(context)) > 0);
    const told = receiver.journal.map(({ request }) => ({
      path: request.path,
      type: (JSON.parse(request.body.toString('utf8')) as { type: string }).type,
    }));
    expect(told.every(({ path }) => path === '/hook')).toBe(true);
    expect(told.map(({ type }) => type).toSorted()).toEqual([
      'channel.needs_reconnect',
      'post.awaiting_approval',
      'post.awaiting_approval',
      'post.failed',
      'post.held',
      'post.missed',
      'post.needs_attention',
    ]);
  });

  test('that does not answer well is called again with the same id, later each time, and turned off at the end', async () => {
    const { id } = await add();
    answer = { status: 500, body: 'no' };
    const { id: deliveryId } = await scheduleTestDelivery(context, team);
    await stop(deliveryId);
    for (let tries = 1; tries <= RETRY_SECONDS.length + 1; tries += 1) {
      expect(await callDueWebhooks(context)).toBe(1);
      expect(await callDueWebhooks(context)).toBe(0);
      await hurry();
    }
    expect(await callDueWebhooks(context)).toBe(0);
    expect(new Set(receiver.journal.map(({ request }) => request.headers.get('webhook-id'))).size).toBe(1);
    expect(await listWebhooks(context, team.caller)).toMatchObject([
      { id, disabledAt: expect.any(Date) as Date, lastOutcome: '500', waiting: 0 },
    ]);
    answer = { status: 200, body: 'yes' };
    const other = await scheduleTestDelivery(context, team);
    await stop(other.id);
    expect(await callDueWebhooks(context)).toBe(0);
    await enableWebhook(context, team.caller, id);
    await testWebhook(context, team.caller, id);
    expect(await callDueWebhooks(context)).toBe(1);
    expect(await listWebhooks(context, team.caller)).toMatchObject([
      { disabledAt: null, lastOutcome: '200' },
    ]);
  });

  test('that says it is gone is told nothing more, and what waited for it is over', async () => {
    await add();
    answer = { status: 410 };
    for (const { id } of [
      await scheduleTestDelivery(context, team),
      await scheduleTestDelivery(context, team),
    ]) {
      await stop(id);
    }
    await callDueWebhooks(context);
    await hurry();
    expect(await callDueWebhooks(context)).toBe(0);
    expect(await listWebhooks(context, team.caller)).toMatchObject([{ waiting: 0, lastOutcome: '410' }]);
  });

  test('two workers tell a notice once', async () => {
    await add();
    for (let count = 0; count < 8; count += 1) {
      const { id } = await scheduleTestDelivery(context, team);
      await stop(id);
    }
    const [one, other] = await Promise.all([callDueWebhooks(context), callDueWebhooks(context)]);
    expect(one + other).toBe(8);
    expect(new Set(receiver.journal.map(({ request }) => request.headers.get('webhook-id'))).size).toBe(8);
  });

  test('at a private address that nobody named is not called', async () => {
    await addWebhook(context, team.caller, { url: 'http://127.0.0.1:1/hook' });
    const { id } = await scheduleTestDelivery(context, team);
    await stop(id);
    await callDueWebhooks(context);
    expect(await listWebhooks(context, team.caller)).toMatchObject([{ lastOutcome: 'refused_url' }]);
  });

  test('a post that stops on several channels in one go is one notice', async () => {
    await add();
    const { postId } = await scheduleTestDelivery(context, team);
    const second = await scheduleTestDelivery(context, team);
    await context.db.$transaction([
      context.db
        .$executeRaw`update delivery set state = 'held', problem_code = 'x', problem_message = 'x' where post_id = ${postId}`,
      context.db
        .$executeRaw`update delivery set state = 'scheduled', problem_code = null where post_id = ${postId}`,
      context.db
        .$executeRaw`update delivery set state = 'held', problem_code = 'x', problem_message = 'x' where post_id in (${postId}, ${second.postId})`,
    ]);
    expect(await callDueWebhooks(context)).toBe(2);
  });

  test('is an owner’s affair', async () => {
    const editor = { ...team.caller, role: 'editor' as const };
    await expect(addWebhook(context, editor, { url: `${receiver.url}/hook` })).rejects.toMatchObject({
      details: { code: 'not_owner' },
    });
    await expect(addWebhook(context, team.caller, { url: 'ftp://example.com' })).rejects.toMatchObject({
      details: { code: 'invalid_url' },
    });
    const { id } = await add();
    const stranger = await createPublishingTeam(context);
    await expect(enableWebhook(context, stranger.caller, id)).rejects.toMatchObject({
      details: { code: 'not_found' },
    });
  });
});

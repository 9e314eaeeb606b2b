// Through the engine: what is wrong with the app of this server is no account's fault, and pictures do not last.
import { describe, expect, it, vi } from 'vitest';

import type { FakeX } from '../support/fakes/x/fake-x.ts';
import { openContractRun, readsOf, sendsOf } from './contract-run.ts';
import { startXRig } from './x-rig.ts';

const WAIT = { timeout: 45_000 };

let fake: FakeX;
const run = openContractRun(async () => {
  const rig = await startXRig();
  ({ fake } = rig);
  return rig;
}, 'x');

const channelOf = (id: string) => run.context.db.channel.findUniqueOrThrow({ where: { id } });
const waits = (words: string) => ({
  ...{ state: 'scheduled', problemCode: 'rate_limited' },
  problemMessage: expect.stringContaining(words) as string,
});

describe('a fault of the app', () => {
  it('keeps every channel waiting while the credits are used up, and asks nobody to link anything', async () => {
    const [channelId, otherId] = [await run.createChannel(), await run.createChannel()];
    fake.limits.setCredits(0);
    const id = await run.schedule(channelId);
    await run.waitFor(id, waits('its credits are used up'));
    for (const one of [await channelOf(channelId), await channelOf(otherId)]) {
      expect(one.status).toBe('ok');
      expect(one.rateLimitedUntil!.getTime()).toBeGreaterThan(Date.now());
    }
    fake.limits.setCredits(Infinity);
    await run.endWaiting(otherId);
    await run.endWaiting(channelId);
    expect(await run.waitForRest(id)).toMatchObject({ state: 'published', problemCode: null });
  });

  it('tells of a post that waited for too long why it did', async () => {
    const channelId = await run.createChannel();
    fake.failNext(({ method, path }) => method === 'POST' && path === '/2/tweets', {
      status: 403,
      body: {
        title: 'Client Forbidden',
        type: 'https://api.x.com/2/problems/client-forbidden',
        detail: 'No',
      },
    });
    const id = await run.schedule(channelId);
    await run.waitFor(id, waits('its app lacks access'));
    await run.context.db.delivery.update({ where: { id }, data: { notAfter: new Date() } });
    await run.endWaiting(channelId);
    expect(await run.waitForRest(id)).toMatchObject({
      ...{ state: 'missed', problemCode: 'too_late' },
      problemMessage: expect.stringContaining('It had waited: X does not let this server post') as string,
    });
  });

  it('that is about reading alone keeps nothing of other channels waiting', async () => {
    const [channelId, otherId] = [await run.createChannel(), await run.createChannel()];
    run.rig.failNextPublish(channelId, 'cut_after');
    fake.failNext(({ method, path }) => method === 'GET' && path.endsWith('/tweets'), {
      status: 429,
      body: { title: 'UsageCapExceeded', type: 'https://api.x.com/2/problems/usage-capped', detail: 'No' },
    });
    const id = await run.schedule(channelId);
    await vi.waitFor(async () => expect((await channelOf(channelId)).rateLimitedUntil).not.toBeNull(), WAIT);
    expect(await run.publish(otherId)).toMatchObject({ state: 'published' });
    expect(await channelOf(otherId)).toMatchObject({ rateLimitedUntil: null });
    expect(readsOf(await run.waitFor(id, { state: 'unknown' }))).toEqual(['rate_limited']);
  });

  it('in its secret keeps waiting whose token has run out, and no other', async () => {
    const [channelId, otherId] = [await run.createChannel(), await run.createChannel()];
    await run.rig.expireToken(run.context, channelId);
    fake.failNext(({ path }) => path === '/2/oauth2/token', {
      status: 401,
      body: { error: 'invalid_client' },
    });
    const id = await run.schedule(channelId);
    await run.waitFor(id, waits('X_CLIENT_SECRET'));
    expect(await channelOf(channelId)).toMatchObject({ status: 'ok' });
    expect(await run.publish(otherId)).toMatchObject({ state: 'published' });
    await run.endWaiting(channelId);
    expect(await run.waitForRest(id)).toMatchObject({ state: 'published' });
  });
});

it('an unclear post that is not there goes out with its picture, though X has forgotten the upload', async () => {
  const channelId = await run.createChannel();
  run.rig.failNextPublish(channelId, 'cut_before');
  const id = await run.schedule(channelId, { altTexts: ['A quay'] });
  await run.waitFor(id, { state: 'unknown' });
  fake.clock.moveBy(100_000);
  const delivery = await run.waitForRest(id);
  expect(delivery).toMatchObject({ state: 'published' });
  expect(sendsOf(delivery)).toEqual(['ambiguous', 'published']);
  expect(await run.shown(channelId)).toMatchObject([{ pictures: [{ altText: 'A quay' }] }]);
});

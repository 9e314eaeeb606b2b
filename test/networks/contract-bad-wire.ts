import { describe, expect, test, vi } from 'vitest';

import { notifyDue } from '../../server/deliveries/notify-due.ts';
import type { GuaranteeClass } from '../../server/networks/network.ts';
import type { FakeFault } from '../support/fakes/fake-server.ts';
import {
  takesThreads,
  type ContractDelivery,
  type ContractRun,
  type ContractTraits,
} from './contract-run.ts';

const TEXT = 'Grüße 🎉 (a*b_c) [d] & #launch https://example.com/a?b=c&d=e';

const WAIT = { timeout: 45_000, interval: 20 };

/** The network took it, and nobody told. */
const TAKEN: readonly FakeFault[] = [
  'cut_after',
  'bad_gateway_after',
  'gateway_timeout_after',
  'garbled_after',
];
/** It never heard of it, and nobody told. */
const NOT_TAKEN: readonly FakeFault[] = ['cut_before', 'refused_before'];
/** The answer comes when nobody listens any more. */
const LATE: readonly FakeFault[] = ['late_after', 'late_before'];

/** A bad wire: whatever happens to the publishing call, one post is shown, or a person is told with evidence. */
export function describeBadWire(run: ContractRun, { network, guarantee }: ContractTraits): void {
  describe('a publishing call that goes wrong', () => {
    test.each(TAKEN)('%s: one post, never a second one', async (fault) => {
      const channelId = await run.createChannel();
      run.rig.failNextPublish(channelId, fault);
      const delivery = await run.publish(channelId, { parts: [TEXT] });
      const shown = await run.shown(channelId);
      expect(shown.map(({ text }) => text)).toEqual([TEXT]);
      expectOutcome(delivery, guarantee, shown[0]!.remoteId);
    });

    test.each(NOT_TAKEN)('%s: it goes out after all, or a person is told', async (fault) => {
      const channelId = await run.createChannel();
      run.rig.failNextPublish(channelId, fault);
      const delivery = await run.publish(channelId, { parts: [TEXT] });
      const shown = await run.shown(channelId);
      expect(shown).toHaveLength(guarantee === 'none' ? 0 : 1);
      expectOutcome(delivery, guarantee, shown[0]?.remoteId);
    });

    test.each(LATE)('%s: what comes late changes nothing', async (fault) => {
      const channelId = await run.createChannel();
      run.rig.failNextPublish(channelId, fault);
      const id = await run.schedule(channelId, { parts: [TEXT] });
      await vi.waitFor(async () => expect(await outcomesOf(run, id)).toEqual(['ambiguous']), WAIT);
      run.rig.release();
      const delivery = await run.waitForRest(id);
      await vi.waitFor(async () => expect(await run.shown(channelId)).toHaveLength(1), WAIT);
      const shown = await run.shown(channelId);
      expect(shown.map(({ text }) => text)).toEqual([TEXT]);
      expectOutcome(delivery, guarantee, shown[0]!.remoteId);
    });

    if (guarantee !== 'none' && takesThreads(network)) describeThread(run);
  });

  test('too many calls: nothing is asked until the time is over, then it goes out', async () => {
    const channelId = await run.createChannel();
    run.rig.limitNextPublish(channelId, 300);
    const id = await run.schedule(channelId);
    const waiting = await run.waitFor(id, { state: 'scheduled', problemCode: 'rate_limited' });
    expect(waiting.attempts.map(({ outcome }) => outcome)).toEqual(['rate_limited']);
    expect(waiting.notBefore!.getTime() - Date.now()).toBeGreaterThan(60_000);
    expect(await run.shown(channelId)).toEqual([]);
    await letWindowPass(run, channelId, id);
    const delivery = await run.waitForRest(id);
    expect(delivery).toMatchObject({ state: 'published', problemCode: null });
    expect(delivery.attempts.map(({ outcome }) => outcome).toSorted()).toEqual(['published', 'rate_limited']);
    expect(await run.shown(channelId)).toHaveLength(1);
  });
}

function describeThread(run: ContractRun): void {
  test('a thread whose second part meets it goes on where it stopped', async () => {
    const channelId = await run.createChannel();
    run.rig.failNextPublish(channelId, 'late_after');
    const id = await run.schedule(channelId, { parts: ['one', 'two', 'three'] });
    await vi.waitFor(async () => expect(await run.shown(channelId)).toHaveLength(1), WAIT);
    run.rig.failNextPublish(channelId, 'cut_after');
    run.rig.release();
    const delivery = await run.waitForRest(id);
    const shown = await run.shown(channelId);
    expect(shown.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    expect(shown.map(({ replyTo }) => replyTo)).toEqual([null, shown[0]!.remoteId, shown[1]!.remoteId]);
    expect(delivery).toMatchObject({ state: 'published', remoteId: shown[0]!.remoteId });
  });
}

function expectOutcome(
  delivery: ContractDelivery,
  guarantee: GuaranteeClass,
  remoteId: string | undefined,
): void {
  const sends = delivery.attempts.filter(({ kind }) => kind === 'send');
  expect(sends.map(({ outcome }) => outcome)).toContain('ambiguous');
  const isTold = guarantee === 'none';
  expect(delivery).toMatchObject({
    state: isTold ? 'needs_attention' : 'published',
    remoteId: isTold ? null : remoteId,
  });
  expect(delivery.problemMessage === null).toBe(!isTold);
  expect(sends.slice(isTold ? 1 : sends.length)).toEqual([]);
  for (const { evidence } of sends.filter(({ outcome }) => outcome === 'ambiguous')) {
    expect(evidence).toMatchObject({ code: expect.any(String) });
  }
}

async function outcomesOf({ context: { db } }: ContractRun, deliveryId: string): Promise<(string | null)[]> {
  const sends = await db.attempt.findMany({ where: { deliveryId, kind: 'send' } });
  return sends.map(({ outcome }) => outcome);
}

/** As if the network's time were over: on the row that waits and on its channel. */
async function letWindowPass({ context: { db } }: ContractRun, channelId: string, id: string): Promise<void> {
  await db.$executeRaw`update channel set rate_limited_until = null where id = ${channelId}`;
  await db.$executeRaw`update delivery set not_before = clock_timestamp() where id = ${id}`;
  await notifyDue(db);
}

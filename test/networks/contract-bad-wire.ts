import { expect, vi } from 'vitest';

import { publishDelivery } from '../../workers/publish-delivery.ts';
import type { FakeFault } from '../support/fakes/fake-server.ts';
import type { CaseId, ContractCase, ListCases } from './contract-case.ts';
import { sendsOf, type ContractDelivery, type ContractRun } from './contract-run.ts';
import { takesThreads, type ContractTraits } from './contract-traits.ts';

const TEXT = 'Grüße 🎉 (a*b_c) [d] & #launch https://example.com/a?b=c&d=e';

const WAIT = { timeout: 45_000, interval: 20 };

/** The network took it, and nobody told. */
const TAKEN: readonly (readonly [FakeFault, CaseId])[] = [
  ['cut_after', 'taken, then cut off'],
  ['bad_gateway_after', 'taken, then 502'],
  ['gateway_timeout_after', 'taken, other answers'],
  ['garbled_after', 'taken, other answers'],
];
/** It never heard of it, and nobody told. */
const NOT_TAKEN: readonly FakeFault[] = ['cut_before', 'refused_before'];
/** The answer comes when nobody listens any more. */
const LATE: readonly FakeFault[] = ['late_after', 'late_before'];

/** A bad wire: whatever happens to the publishing call, one post is shown, or a person is told with evidence. */
export const listBadWireCases: ListCases = (traits) => [
  ...LATE.map((fault) => answerLate(traits, fault)),
  ...TAKEN.map(([fault, id]) => spoilTaken(traits, fault, id)),
  ...NOT_TAKEN.map((fault) => spoilNotTaken(traits, fault)),
  ...(traits.guarantee !== 'none' && takesThreads(traits) ? [RESUMED_THREAD] : []),
  TOO_MANY,
  TOO_MANY_WITH_ANOTHER,
];

const spoilTaken = ({ guarantee }: ContractTraits, fault: FakeFault, id: CaseId): ContractCase => ({
  id,
  fact: `one post, never a second one (${fault})`,
  async check(run) {
    const channelId = await run.createChannel();
    run.rig.failNextPublish(channelId, fault);
    const delivery = await run.publish(channelId, { parts: [TEXT] });
    const shown = await run.shown(channelId);
    expect(shown.map(({ text }) => text)).toEqual([TEXT]);
    expectOutcome(delivery, guarantee, shown[0]!.remoteId);
  },
});

const spoilNotTaken = ({ guarantee }: ContractTraits, fault: FakeFault): ContractCase => ({
  id: 'not taken',
  fact: `${guarantee === 'none' ? 'a person is told' : 'it goes out after all'} (${fault})`,
  async check(run) {
    const channelId = await run.createChannel();
    run.rig.failNextPublish(channelId, fault);
    const delivery = await run.publish(channelId, { parts: [TEXT] });
    const shown = await run.shown(channelId);
    expect(shown).toHaveLength(guarantee === 'none' ? 0 : 1);
    expectOutcome(delivery, guarantee, shown[0]?.remoteId);
  },
});

const answerLate = ({ guarantee }: ContractTraits, fault: FakeFault): ContractCase => ({
  id: 'slow answer',
  fact: `what comes late changes nothing (${fault})`,
  async check(run) {
    const channelId = await run.createChannel();
    const release = run.rig.failNextPublish(channelId, fault);
    const id = await run.schedule(channelId, { parts: [TEXT] });
    await vi.waitFor(async () => expect(await outcomesOf(run, id)).toEqual(['ambiguous']), WAIT);
    release();
    const delivery = await run.waitForRest(id);
    await vi.waitFor(async () => expect(await run.shown(channelId)).toHaveLength(1), WAIT);
    const shown = await run.shown(channelId);
    expect(shown.map(({ text }) => text)).toEqual([TEXT]);
    expectOutcome(delivery, guarantee, shown[0]!.remoteId);
  },
});

const RESUMED_THREAD: ContractCase = {
  id: 'thread',
  fact: 'one whose second part is cut off goes on where it stopped',
  async check(run) {
    const channelId = await run.createChannel();
    const release = run.rig.failNextPublish(channelId, 'late_after');
    const id = await run.schedule(channelId, { parts: ['one', 'two', 'three'] });
    await vi.waitFor(async () => expect(await run.shown(channelId)).toHaveLength(1), WAIT);
    run.rig.failNextPublish(channelId, 'cut_after');
    release();
    const delivery = await run.waitForRest(id);
    const shown = await run.shown(channelId);
    expect(shown.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    expect(shown.map(({ replyTo }) => replyTo)).toEqual([null, shown[0]!.remoteId, shown[1]!.remoteId]);
    expect(delivery).toMatchObject({ state: 'published', remoteId: shown[0]!.remoteId });
  },
};

const TOO_MANY: ContractCase = {
  id: 'too many calls',
  fact: 'nothing is asked until the time is over, then it goes out',
  async check(run) {
    const channelId = await run.createChannel();
    run.rig.limitNextPublish(channelId, 300);
    const id = await run.schedule(channelId);
    const waiting = await run.waitFor(id, { state: 'scheduled', problemCode: 'rate_limited' });
    expect(waiting.attempts.map(({ outcome }) => outcome)).toEqual(['rate_limited']);
    expect(waiting.notBefore!.getTime() - Date.now()).toBeGreaterThan(60_000);
    expect(await run.shown(channelId)).toEqual([]);
    await run.endWaiting(channelId);
    const delivery = await run.waitForRest(id);
    expect(delivery).toMatchObject({ state: 'published', problemCode: null });
    expect(sendsOf(delivery)).toEqual(['rate_limited', 'published']);
    expect(await run.shown(channelId)).toHaveLength(1);
  },
};

const TOO_MANY_WITH_ANOTHER: ContractCase = {
  id: 'too many calls',
  fact: 'what comes after it on the channel is not tried before, and goes out after it',
  async check(run) {
    const channelId = await run.createChannel();
    run.rig.limitNextPublish(channelId, 300);
    const first = await run.schedule(channelId, { parts: ['first'] });
    await run.waitFor(first, { state: 'scheduled', problemCode: 'rate_limited' });
    const second = await run.schedule(channelId, { parts: ['second'] });
    const waiting = await run.waitFor(second, { state: 'scheduled', problemCode: 'rate_limited' });
    expect(waiting.notBefore!.getTime() - Date.now()).toBeGreaterThan(60_000);
    // Whoever is told of it meanwhile, or whose time comes by a mistake, is kept back by the channel.
    await run.context.db
      .$executeRaw`update delivery set not_before = clock_timestamp() where channel_id = ${channelId}`;
    for (const id of [second, first]) await publishDelivery(run.context, id);
    for (const id of [second, first]) {
      expect(await outcomesOf(run, id)).toEqual(id === first ? ['rate_limited'] : []);
    }
    await run.endWaiting(channelId);
    expect(sendsOf(await run.waitForRest(second))).toEqual(['published']);
    expect(sendsOf(await run.waitForRest(first))).toEqual(['rate_limited', 'published']);
    expect((await run.shown(channelId)).map(({ text }) => text)).toEqual(['first', 'second']);
  },
};

function expectOutcome(
  delivery: ContractDelivery,
  guarantee: ContractTraits['guarantee'],
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

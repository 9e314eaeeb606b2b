// What every network is held to, through the real engine: workers, queue, PostgreSQL, and the network's own protocol.
import { afterAll, describe, expect, test } from 'vitest';

import { describeBadWire } from './contract-bad-wire.ts';
import { openContractRun, takesThreads, type ContractRun, type ContractTraits } from './contract-run.ts';
import type { NetworkRig } from './network-rig.ts';

/** What networks escape, count or shorten in their own ways. */
export const TRICKY_TEXT =
  'Grüße 🎉 (a*b_c) [d] <e> & ~f~: "g" \\ {h|i} #launch\n\nhttps://example.com/a?b=c&d=e';

export function describeContract(
  name: string,
  startRig: () => Promise<NetworkRig>,
  traits: ContractTraits,
): void {
  describe(`${name} keeps the contract`, () => {
    const run = openContractRun(startRig, traits.network);

    test('guarantees what it is known for', async () => {
      const { channel } = await run.remoteCall(await run.createChannel());
      expect(run.network.guaranteeFor?.(channel) ?? run.network.guarantee).toBe(traits.guarantee);
    });

    describeTexts(run);
    (takesThreads(traits.network) ? describeThreads : describeNoThreads)(run);
    (traits.sameText === 'both' ? describeRepeats : describeNoRepeats)(run);
    describePictures(run);
    (traits.takesDown ? describeTakingDown : describeNoTakingDown)(run);
    describeCredentials(run, traits);
    describeNumbers(run, traits);
    describeBadWire(run, traits);

    afterAll(() => expect(run.rig.strays()).toEqual([]));
  });
}

function describeTexts(run: ContractRun): void {
  test('a text is shown as it was written, and its address names it', async () => {
    const channelId = await run.createChannel();
    const delivery = await run.publish(channelId, { parts: [TRICKY_TEXT] });
    expect(delivery).toMatchObject({ state: 'published' });
    expect(await run.shown(channelId)).toMatchObject([
      { remoteId: delivery.remoteId, text: TRICKY_TEXT, replyTo: null },
    ]);
    expect(delivery.attempts.map(({ outcome }) => outcome)).toEqual(['published']);
    const { channel } = await run.remoteCall(channelId);
    const named = run.network.readPermalink(new URL(delivery.remoteUrl!), channel);
    expect(named).toMatchObject({ remoteUrl: delivery.remoteUrl });
  });

  test('what is too long fails with the rule before anything is asked of the network', async () => {
    const channelId = await run.createChannel();
    const delivery = await run.publish(channelId, { parts: ['ä'.repeat(run.network.rules.maxLength + 1)] });
    expect(delivery).toMatchObject({ state: 'failed', problemCode: 'text_length', attempts: [] });
    expect(await run.shown(channelId)).toEqual([]);
  });
}

function describeThreads(run: ContractRun): void {
  test('a thread: each part is a reply to the one before', async () => {
    const channelId = await run.createChannel();
    const delivery = await run.publish(channelId, { parts: ['one', 'two', 'three'] });
    const shown = await run.shown(channelId);
    expect(delivery).toMatchObject({ state: 'published', remoteId: shown[0]!.remoteId });
    expect(shown.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    expect(shown.map(({ replyTo }) => replyTo)).toEqual([null, shown[0]!.remoteId, shown[1]!.remoteId]);
  });
}

function describeNoThreads(run: ContractRun): void {
  test('a thread is refused, naming the network, and nothing goes out', async () => {
    const channelId = await run.createChannel();
    const delivery = await run.publish(channelId, { parts: ['one', 'two', 'three'] });
    expect(delivery).toMatchObject({ state: 'failed', remoteId: null, attempts: [] });
    expect(delivery.problemMessage).toContain(run.network.rules.name);
    expect(await run.shown(channelId)).toEqual([]);
  });
}

async function publishTwice(run: ContractRun) {
  const channelId = await run.createChannel();
  const first = await run.publish(channelId, { parts: ['Twice'] });
  const second = await run.publish(channelId, { parts: ['Twice'] });
  const shown = (await run.shown(channelId)).map(({ remoteId }) => remoteId);
  return { first, second, shown };
}

function describeRepeats(run: ContractRun): void {
  test('the same text as a second post: both are shown', async () => {
    const { first, second, shown } = await publishTwice(run);
    expect([first.state, second.state]).toEqual(['published', 'published']);
    expect(shown).toEqual([first.remoteId, second.remoteId]);
  });
}

function describeNoRepeats(run: ContractRun): void {
  test('the same text as a second post: the network takes one, and the other says why it failed', async () => {
    const { first, second, shown } = await publishTwice(run);
    expect(first.state).toBe('published');
    expect(second).toMatchObject({ state: 'failed', remoteId: null });
    expect(second.problemMessage).toBeTruthy();
    expect(shown).toEqual([first.remoteId]);
  });
}

function describePictures(run: ContractRun): void {
  test.each([[['A quay at dawn']], [['One', 'Two', 'Three', 'Four 🎉']]])(
    'pictures with their descriptions: %j',
    async (altTexts) => {
      const channelId = await run.createChannel();
      const delivery = await run.publish(channelId, { parts: ['With pictures'], altTexts });
      expect(delivery).toMatchObject({ state: 'published' });
      const [post, ...others] = await run.shown(channelId);
      expect(others).toEqual([]);
      expect(post).toMatchObject({ remoteId: delivery.remoteId, text: 'With pictures' });
      expect(post!.pictures.map(({ altText }) => altText)).toEqual(altTexts);
      for (const { byteCount } of post!.pictures) expect(byteCount).toBeGreaterThan(500);
    },
  );
}

function describeNoTakingDown(run: ContractRun): void {
  test('taking down: a person must do it, at the address of the post', async () => {
    const channelId = await run.createChannel();
    const delivery = await run.publish(channelId);
    const left = { state: 'unsupported', manualUrl: delivery.remoteUrl };
    expect(await run.takeDown(delivery)).toMatchObject(left);
    expect(await run.shown(channelId)).toHaveLength(1);
  });
}

function describeTakingDown(run: ContractRun): void {
  test('taking down: every part is gone, and again changes nothing', async () => {
    const parts = run.network.rules.maxParts > 1 ? ['one', 'two'] : ['one'];
    const channelId = await run.createChannel();
    const delivery = await run.publish(channelId, { parts });
    expect(await run.shown(channelId)).toHaveLength(parts.length);
    const removed = { channelId, state: 'removed', manualUrl: null, problem: null };
    expect(await run.takeDown(delivery)).toEqual(removed);
    expect(await run.shown(channelId)).toEqual([]);
    // As if the answer had been lost.
    const live = { state: 'published', takenDownAt: null };
    await run.context.db.delivery.update({ where: { id: delivery.id }, data: live });
    expect(await run.takeDown(delivery)).toEqual(removed);
  });
}

function describeCredentials(run: ContractRun, { expiry }: ContractTraits): void {
  if (expiry === 'never') return;
  const needsReconnect = { state: 'held', problemCode: 'channel_needs_reconnect', remoteId: null };

  test(`a token that ran out: ${expiry === 'renewed' ? 'is renewed once and the post goes out' : 'the post waits for a person'}`, async () => {
    const channelId = await run.createChannel();
    await run.rig.expireToken(run.context, channelId);
    const delivery = await run.publish(channelId);
    expect(delivery).toMatchObject(expiry === 'renewed' ? { state: 'published' } : needsReconnect);
    expect(await run.shown(channelId)).toHaveLength(expiry === 'renewed' ? 1 : 0);
  });

  test('a permission that was taken back: the post waits and the channel asks to be linked again', async () => {
    const channelId = await run.createChannel();
    await run.rig.revokeAccess(run.context, channelId);
    expect(await run.publish(channelId)).toMatchObject(needsReconnect);
    const channel = await run.context.db.channel.findUniqueOrThrow({ where: { id: channelId } });
    expect(channel.status).toBe('needs_reconnect');
    expect(await run.shown(channelId)).toEqual([]);
  });
}

function describeNumbers(run: ContractRun, { numbers }: ContractTraits): void {
  test(`tells of a post: ${numbers.join(', ') || 'no numbers'}, and nothing that it does not know`, async () => {
    const channelId = await run.createChannel();
    const { remoteId } = await run.publish(channelId);
    const counted = { views: 90, likes: 7, comments: 5, shares: 3, clicks: 2 };
    await run.rig.setNumbers(channelId, remoteId!, counted);
    const call = await run.remoteCall(channelId);
    const told = await run.network.measure?.(call, [remoteId!]);
    const expected = Object.fromEntries(
      Object.entries(counted).map(([key, value]) => [
        key,
        numbers.some((known) => known === key) ? value : null,
      ]),
    );
    // Where it tells none, it need not answer at all.
    const ifSilent = numbers.length === 0 ? expected : undefined;
    expect(told?.get(remoteId!) ?? ifSilent).toEqual(expected);
    const account = await run.network.measureChannel?.(call);
    for (const count of Object.values(account ?? {})) expect(count ?? 0).toBeGreaterThanOrEqual(0);
  });
}

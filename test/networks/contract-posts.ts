import { expect } from 'vitest';

import type { CaseId, ContractCase, ListCases } from './contract-case.ts';
import type { ContractRun } from './contract-run.ts';
import { takesThreads, type ContractTraits } from './contract-traits.ts';

/** What networks escape, count or shorten in their own ways. */
const TRICKY_TEXT = 'Grüße 🎉 (a*b_c) [d] <e> & ~f~: "g" \\ {h|i} #launch\n\nhttps://example.com/a?b=c&d=e';

/** What goes out when nothing goes wrong, and what is refused. */
export const listPostCases: ListCases = (traits) => [
  {
    id: 'guarantee',
    fact: `it is ${traits.guarantee}`,
    async check(run) {
      const { channel } = await run.remoteCall(await run.createChannel());
      expect(run.network.guaranteeFor?.(channel) ?? run.network.guarantee).toBe(traits.guarantee);
    },
  },
  ...TEXTS,
  ...PICTURES,
  takesThreads(traits) ? THREAD : NO_THREAD,
  traits.sameText === 'both' ? BOTH_SHOWN : REFUSED,
  traits.takesDown ? TAKING_DOWN : NO_TAKING_DOWN,
  ...(traits.expiry === 'never' ? NO_TOKENS : listTokenCases(traits)),
  tellNumbers(traits),
];

const TEXTS: readonly ContractCase[] = [
  {
    id: 'text',
    fact: 'it is shown as it was written, and its address names it',
    async check(run) {
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
    },
  },
  {
    id: 'too long',
    fact: 'it fails with the rule before anything is asked of the network',
    async check(run) {
      const channelId = await run.createChannel();
      const delivery = await run.publish(channelId, { parts: ['ä'.repeat(run.network.rules.maxLength + 1)] });
      expect(delivery).toMatchObject({ state: 'failed', problemCode: 'text_length', attempts: [] });
      expect(await run.shown(channelId)).toEqual([]);
    },
  },
];

const showPictures = (id: CaseId, altTexts: string[]): ContractCase => ({
  id,
  fact: `with what is to be seen on it: ${altTexts.join(', ')}`,
  async check(run) {
    const channelId = await run.createChannel();
    const delivery = await run.publish(channelId, { parts: ['With pictures'], altTexts });
    expect(delivery).toMatchObject({ state: 'published' });
    const [post, ...others] = await run.shown(channelId);
    expect(others).toEqual([]);
    expect(post).toMatchObject({ remoteId: delivery.remoteId, text: 'With pictures' });
    expect(post!.pictures.map(({ altText }) => altText)).toEqual(altTexts);
    for (const { byteCount } of post!.pictures) expect(byteCount).toBeGreaterThan(500);
  },
});

const PICTURES: readonly ContractCase[] = [
  showPictures('one picture', ['A quay at dawn']),
  showPictures('four pictures', ['One', 'Two', 'Three', 'Four 🎉']),
];

const THREAD: ContractCase = {
  id: 'thread',
  fact: 'each part is a reply to the one before',
  async check(run) {
    const channelId = await run.createChannel();
    const delivery = await run.publish(channelId, { parts: ['one', 'two', 'three'] });
    const shown = await run.shown(channelId);
    expect(delivery).toMatchObject({ state: 'published', remoteId: shown[0]!.remoteId });
    expect(shown.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    expect(shown.map(({ replyTo }) => replyTo)).toEqual([null, shown[0]!.remoteId, shown[1]!.remoteId]);
  },
};

const NO_THREAD: ContractCase = {
  id: 'thread',
  because: 'it has no threads',
  fact: 'it is refused, naming the network, and nothing goes out',
  async check(run) {
    const channelId = await run.createChannel();
    const delivery = await run.publish(channelId, { parts: ['one', 'two', 'three'] });
    expect(delivery).toMatchObject({ state: 'failed', remoteId: null, attempts: [] });
    expect(delivery.problemMessage).toContain(run.network.rules.name);
    expect(await run.shown(channelId)).toEqual([]);
  },
};

async function publishTwice(run: ContractRun) {
  const channelId = await run.createChannel();
  const first = await run.publish(channelId, { parts: ['Twice'] });
  const second = await run.publish(channelId, { parts: ['Twice'] });
  const shown = (await run.shown(channelId)).map(({ remoteId }) => remoteId);
  return { first, second, shown };
}

const BOTH_SHOWN: ContractCase = {
  id: 'same text again',
  because: 'it takes a text twice',
  fact: 'both posts are shown',
  async check(run) {
    const { first, second, shown } = await publishTwice(run);
    expect([first.state, second.state]).toEqual(['published', 'published']);
    expect(shown).toEqual([first.remoteId, second.remoteId]);
  },
};

const REFUSED: ContractCase = {
  id: 'same text again',
  fact: 'the network takes one post, and the other says why it failed',
  async check(run) {
    const { first, second, shown } = await publishTwice(run);
    expect(first.state).toBe('published');
    expect(second).toMatchObject({ state: 'failed', remoteId: null });
    expect(second.problemMessage).toBeTruthy();
    expect(shown).toEqual([first.remoteId]);
  },
};

const TAKING_DOWN: ContractCase = {
  id: 'deleting twice',
  fact: 'every part is gone, and again changes nothing',
  async check(run) {
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
  },
};

const NO_TAKING_DOWN: ContractCase = {
  id: 'deleting twice',
  because: 'it lets no client delete',
  fact: 'a person must do it, at the address of the post',
  async check(run) {
    const channelId = await run.createChannel();
    const delivery = await run.publish(channelId);
    const left = { state: 'unsupported', manualUrl: delivery.remoteUrl };
    expect(await run.takeDown(delivery)).toMatchObject(left);
    expect(await run.shown(channelId)).toHaveLength(1);
  },
};

const NEEDS_RECONNECT = { state: 'held', problemCode: 'channel_needs_reconnect', remoteId: null };

const listTokenCases = ({ expiry }: ContractTraits): readonly ContractCase[] => [
  {
    id: 'token runs out',
    ...(expiry === 'reconnect' && { because: 'its tokens are renewed before they end, or not at all' }),
    fact: expiry === 'renewed' ? 'it is renewed once and the post goes out' : 'the post waits for a person',
    async check(run) {
      const channelId = await run.createChannel();
      await run.rig.expireToken(run.context, channelId);
      const delivery = await run.publish(channelId);
      expect(delivery).toMatchObject(expiry === 'renewed' ? { state: 'published' } : NEEDS_RECONNECT);
      expect(await run.shown(channelId)).toHaveLength(expiry === 'renewed' ? 1 : 0);
    },
  },
  {
    id: 'permission taken back',
    fact: 'the post waits and the channel asks to be linked again',
    async check(run) {
      const channelId = await run.createChannel();
      await run.rig.revokeAccess(run.context, channelId);
      expect(await run.publish(channelId)).toMatchObject(NEEDS_RECONNECT);
      const channel = await run.context.db.channel.findUniqueOrThrow({ where: { id: channelId } });
      expect(channel.status).toBe('needs_reconnect');
      expect(await run.shown(channelId)).toEqual([]);
    },
  },
];

const hasNoToken = (id: CaseId): ContractCase => ({
  id,
  because: 'it has no tokens',
  fact: 'a channel has none, and nothing renews it',
  async check(run) {
    const { channel } = await run.remoteCall(await run.createChannel());
    expect(channel).toMatchObject({ credentials: undefined, grantedScopes: [] });
    expect(run.network.refresh).toBeUndefined();
    expect(run.network.link).toBeUndefined();
  },
});

const NO_TOKENS = [hasNoToken('token runs out'), hasNoToken('permission taken back')];

const tellNumbers = ({ numbers }: ContractTraits): ContractCase => ({
  id: 'numbers',
  fact: `it tells ${numbers.join(', ')}, and nothing that it does not know`,
  async check(run) {
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
    expect(told?.get(remoteId!)).toEqual(expected);
    const account = await run.network.measureChannel?.(call);
    for (const count of Object.values(account ?? {})) expect(count ?? 0).toBeGreaterThanOrEqual(0);
  },
});

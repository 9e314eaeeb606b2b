import { expect } from 'vitest';

import { resolveDelivery } from '../../server/deliveries/resolve-delivery.ts';
import type { ContractCase, ListCases } from './contract-case.ts';
import { readsOf, sendsOf, type ContractRun } from './contract-run.ts';
import type { ContractTraits } from './contract-traits.ts';

/**
 * The network took it, the answer was lost, and its pages do not show it yet: so it is sent again. What the network says to
 * that settles it: one post, ours, never a second one, and never called failed.
 */
export const listLaggingCases: ListCases = (traits) => {
  if (traits.repeat === 'unrepeated') return [REPEATED_BY_A_PERSON];
  const cases = [adoptAfter(traits, 2)];
  // Elsewhere the repeat itself looks first.
  if (traits.guarantee === 'read_back') cases.push(adoptAfter(traits, 3), GIVEN_TO_A_PERSON);
  return cases;
};

async function publishUnseen(run: ContractRun, channelId: string, lag: number) {
  run.rig.failNextPublish(channelId, 'cut_after');
  for (let read = 0; read < lag; read += 1) run.rig.lagNextRead(channelId);
  return run.publish(channelId, { parts: ['Seen late'] });
}

const adoptAfter = ({ repeat }: ContractTraits, lag: number): ContractCase => ({
  id: 'reads that lag',
  fact: `${lag} that show nothing: what the repeat is told is ours, and is published once`,
  async check(run) {
    const channelId = await run.createChannel();
    const delivery = await publishUnseen(run, channelId, lag);
    const shown = await run.shown(channelId);
    expect(shown.map(({ text }) => text)).toEqual(['Seen late']);
    expect(delivery).toMatchObject({
      state: 'published',
      remoteId: shown[0]!.remoteId,
      problemCode: null,
      problemMessage: null,
    });
    const isTold = repeat === 'duplicate';
    expect(sendsOf(delivery)).toEqual(['ambiguous', isTold ? 'duplicate' : 'published']);
    const empty: string[] = Array.from({ length: lag }, () => 'not_found');
    expect(readsOf(delivery)).toEqual([...empty, ...(isTold ? ['found'] : [])]);
    expect(delivery.attempts.map(({ evidence }) => evidence)).toContainEqual({
      remoteId: shown[0]!.remoteId,
    });
    expect(new Set(delivery.attempts.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  },
});

const GIVEN_TO_A_PERSON: ContractCase = {
  id: 'reads that lag',
  fact: '4 that show nothing: a person reads what was told, and has it looked for once more',
  async check(run) {
    const channelId = await run.createChannel();
    const delivery = await publishUnseen(run, channelId, 4);
    expect(delivery).toMatchObject({ state: 'needs_attention', problemCode: 'outcome_unknown' });
    expect(sendsOf(delivery)).toEqual(['ambiguous', 'duplicate']);
    const { postId, id } = delivery;
    const { evidence } = await resolveDelivery(run.context, run.team.caller, {
      postId,
      channelId,
      action: 'check',
    });
    expect(evidence.join()).toContain('sent part 1: duplicate');
    const shown = await run.shown(channelId);
    expect(shown).toHaveLength(1);
    await run.waitFor(id, { state: 'published', remoteId: shown[0]!.remoteId });
    expect(await run.shown(channelId)).toHaveLength(1);
  },
};

/** Who has looked may be wrong: the network still takes one alone, and says so. */
const REPEATED_BY_A_PERSON: ContractCase = {
  id: 'reads that lag',
  because: 'nobody may read what a member has posted',
  fact: 'a person has it sent again, and is told that the network has it: one post, found by its address',
  async check(run) {
    const channelId = await run.createChannel();
    const { id, postId, state } = await publishUnseen(run, channelId, 0);
    expect(state).toBe('needs_attention');
    const { team, context } = run;
    const input = { postId, channelId };
    await resolveDelivery(context, team.caller, { ...input, action: 'retry', isConfirmed: true });
    const told = await run.waitForRest(id);
    expect(told).toMatchObject({ state: 'needs_attention', problemCode: 'outcome_unknown' });
    expect(sendsOf(told)).toEqual(['ambiguous', 'duplicate']);
    const [shown, ...others] = await run.shown(channelId);
    expect(others).toEqual([]);
    expect(told.attempts.at(-1)!.evidence).toMatchObject({
      message: expect.stringContaining(shown!.remoteId),
    });
    const permalink = `https://www.linkedin.com/feed/update/${shown!.remoteId}/`;
    await resolveDelivery(context, team.caller, { ...input, action: 'record_as_posted', permalink });
    expect(await run.waitForRest(id)).toMatchObject({ state: 'published', remoteId: shown!.remoteId });
  },
};

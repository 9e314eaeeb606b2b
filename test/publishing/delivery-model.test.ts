import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import type { GuaranteeClass } from '../../server/networks/network.ts';
import { faultCount } from '../faults/fault-counts.ts';
import { openTestContext } from '../support/test-context.ts';
import { createClassNetwork } from './class-network.ts';
import * as steps from './delivery-commands.ts';
import { newModel, type DeliveryModel, type WorkerNo } from './delivery-model.ts';
import { expectSame, readRow } from './delivery-row.ts';
import { createPublishingTeam, scheduleTestDelivery, type PublishingTeam } from './fixtures.ts';

const SEED = 5_000;
const LANES = 4;
const TIMEOUT_MS = faultCount({ full: 1_800_000, short: 180_000 });
const SEQUENCES = faultCount({ full: 5_000, short: 80 });

/** A database for each lane: some statements go through all that there is. */
let contexts: Context[];
beforeAll(async () => {
  const settings = { PUBLISH_LEASE_SECONDS: '3600', DATABASE_CONNECTIONS: '3' };
  contexts = await Promise.all(Array.from({ length: LANES }, () => openTestContext(settings)));
});
afterAll(() => Promise.all(contexts.map((context) => context[Symbol.asyncDispose]())));

const worker = fc.constantFrom<WorkerNo>(0, 1);
const choice = fc.nat({ max: 4 });
const fate = fc.constantFrom('taken' as const, 'lost' as const, 'late' as const);
const prepareEnd = fc.constantFrom('again' as const, 'failed' as const, 'held' as const);
const action = fc.constantFrom('check', 'retry', 'give_up', 'record_as_posted' as const);
type Steps = ReturnType<typeof steps.claimStep>[];

const anyStep = fc.oneof(
  fc.tuple(worker, fc.boolean()).map(([no, isAlone]) => steps.claimStep(no, isAlone)),
  worker.map((no) => steps.prepareStep(no)),
  fc.tuple(worker, fate).map(([no, of]) => steps.sendStep(no, of)),
  fc.tuple(worker, choice).map(([no, end]) => steps.settleSendStep(no, end)),
  worker.map((no) => steps.lookStep(no)),
  fc.tuple(worker, choice).map(([no, end]) => steps.settleReadStep(no, end)),
  fc.tuple(worker, prepareEnd).map(([no, end]) => steps.settlePrepareStep(no, end)),
  worker.map((no) => steps.putBackStep(no)),
  fc.constantFrom(steps.leaseEndsStep(), steps.expireStep(), steps.timeStep(), steps.missStep()),
  fc.constantFrom(steps.stopStep(), steps.liftStep(), steps.timeStep(), steps.lateStep()),
  action.map((what) => steps.resolveStep(what)),
);
/** Steps that follow on each other by themselves: single ones seldom come as far as a second send by chance. */
const tries = fc.oneof(
  { weight: 3, arbitrary: anyStep.map((step): Steps => [step]) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(worker, fate, choice)
      .map(([no, of, end]): Steps => [
        ...[steps.claimStep(no, true), steps.prepareStep(no), steps.sendStep(no, of)],
        steps.settleSendStep(no, end),
      ]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(worker, fate)
      .map(([no, of]): Steps => [
        ...[steps.claimStep(no, true), steps.prepareStep(no), steps.sendStep(no, of)],
        ...[steps.leaseEndsStep(), steps.expireStep()],
      ]),
  },
  { weight: 1, arbitrary: worker.map((no): Steps => [steps.leaseEndsStep(), steps.claimStep(no, true)]) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(worker, choice)
      .map(([no, end]): Steps => [
        steps.timeStep(),
        steps.claimStep(no, true),
        steps.lookStep(no),
        steps.settleReadStep(no, end),
      ]),
  },
);
/** What was proved not to be there is sent by another, and whoever sent it first may come back. */
const resend = fc.tuple(worker, fate, choice).map(([no, of, end]): Steps => {
  const look = [steps.timeStep(), steps.claimStep(no, true), steps.lookStep(no), steps.settleReadStep(no, 0)];
  const send = [steps.claimStep(no, true), steps.prepareStep(no), steps.sendStep(no, of)];
  return [...look, ...look, ...send, steps.settleSendStep(no === 0 ? 1 : 0, end)];
});
/** Two that look for the same: the lease of the first is over before it looks, or before it says what it saw. */
const lateLook = fc.tuple(worker, choice, fc.boolean()).map(([no, end, hasLooked]): Steps => {
  const other = no === 0 ? 1 : 0;
  return [
    ...[steps.timeStep(), steps.claimStep(no, true), ...(hasLooked ? [steps.lookStep(no)] : [])],
    ...[
      steps.leaseEndsStep(),
      steps.claimStep(other, true),
      steps.lookStep(no),
      steps.settleReadStep(no, end),
    ],
    ...[steps.lookStep(other), steps.settleReadStep(other, 0)],
  ];
});
const phrase = fc.oneof(
  { weight: 9, arbitrary: tries },
  { weight: 2, arbitrary: resend },
  { weight: 1, arbitrary: lateLook },
);
const commands = fc.array(phrase, { maxLength: 12, size: 'max' }).map((phrases) => phrases.flat());

const input = fc.record({
  commands,
  guarantee: fc.constantFrom<GuaranteeClass>('exact', 'idempotent', 'read_back', 'none'),
  partCount: fc.constantFrom(1, 1, 2),
});

test(
  'whatever happens in whatever order, a delivery goes along the edges of the state machine alone',
  async () => {
    const counts = { steps: 0, sends: 0, again: 0, ends: new Map<string, number>() };
    const edges = new Set<string>();
    const lane = async (context: Context, laneNo: number) => {
      const team = await createPublishingTeam(context);
      const property = fc.asyncProperty(input, async ({ commands: sequence, guarantee, partCount }) => {
        const model = newModel(guarantee, partCount);
        const real = { ...(await open(context, team, model)), edges };
        await fc.asyncModelRun(() => ({ model, real }), sequence);
        await bringToRest(model, real);
        counts.steps += sequence.length;
        counts.ends.set(model.state, (counts.ends.get(model.state) ?? 0) + 1);
        const sends = await context.db.attempt.count({ where: { deliveryId: real.id, kind: 'send' } });
        counts.sends += sends;
        counts.again += sends > partCount ? 1 : 0;
      });
      await fc.assert(property, { seed: SEED + laneNo, numRuns: SEQUENCES / LANES, endOnFailure: true });
    };
    await Promise.all(contexts.map(lane));
    const ends = [...counts.ends].map(([state, count]) => `${count} ${state}`).join(', ');
    process.stdout.write(
      `${SEQUENCES.toLocaleString('en')} sequences of ${counts.steps.toLocaleString('en')} steps (seed ${SEED}): ${counts.sends} sends, in ${counts.again} more than one a part; ${edges.size} different edges; ${ends}\n`,
    );
    expect(counts.again).toBeGreaterThan(0);
    expect([...counts.ends.keys()]).toEqual(expect.arrayContaining(['published', 'needs_attention']));
  },
  TIMEOUT_MS,
);

async function open(
  context: Context,
  owner: PublishingTeam,
  model: DeliveryModel,
): Promise<Omit<steps.RealDelivery, 'edges'>> {
  const channelId = newId('channel');
  const of = { id: channelId, teamId: owner.team.id, network: 'playground', handle: 'own' };
  await context.db.channel.create({ data: { ...of, remoteAccountId: channelId } });
  const parts = Array.from({ length: model.partCount }, (_, index) => `Part ${index + 1}`);
  const { id, postId } = await scheduleTestDelivery(context, owner, { channelId, parts });
  const net = createClassNetwork(context, model.guarantee, {
    quarantineSeconds: steps.LONG_SECONDS,
    readPermalink: ({ pathname }) => ({
      remoteId: `live ${id} ${pathname.slice(1)}`,
      remoteUrl: 'https://net.example/',
    }),
  });
  const network = net.context.networks.get('playground')!;
  const row = await readRow(context, id);
  expectSame(model, row, 'at the start');
  const hands = { claims: { 0: null, 1: null }, switchId: null };
  return { context: net.context, network, caller: owner.caller, id, postId, channelId, row, ...hands };
}

const REST = ['published', 'failed', 'missed', 'held', 'needs_attention', 'cancelled'];

/** With time, and workers that live, it comes to an end: nothing is left where nobody looks. */
async function bringToRest(model: DeliveryModel, real: steps.RealDelivery): Promise<void> {
  const run = async (step: ReturnType<typeof steps.claimStep>) => {
    if (step.check(model)) await step.run(model, real);
  };
  await run(steps.liftStep());
  for (let round = 0; round < 30 && !REST.includes(model.state); round += 1) {
    await run(steps.leaseEndsStep());
    if (model.state === 'sending') await run(steps.expireStep());
    if (!model.isDue || model.underWay.length > 0) await run(steps.timeStep());
    model.workers[0] = null;
    await run(steps.claimStep(0, true));
    await run(steps.lookStep(0));
    await run(steps.settleReadStep(0, 0));
    await run(steps.prepareStep(0));
    for (let part = 0; part < model.partCount; part += 1) {
      await run(steps.sendStep(0, 'taken'));
      await run(steps.settleSendStep(0, 0));
    }
  }
  expect(REST, 'left where nobody looks').toContain(model.state);
}

import { expect } from 'vitest';
import type fc from 'fast-check';

import type { PersonCaller } from '../../server/caller.ts';
import type { Context } from '../../server/context.ts';
import { beginReadBack } from '../../server/deliveries/begin-read-back.ts';
import { claimDelivery, type ClaimedDelivery } from '../../server/deliveries/claim-delivery.ts';
import { expireLeases } from '../../server/deliveries/expire-leases.ts';
import { freezeParts, readParts, type FrozenPart } from '../../server/deliveries/freeze-parts.ts';
import { liftKillSwitch } from '../../server/deliveries/lift-kill-switch.ts';
import { missLateDeliveries } from '../../server/deliveries/miss-late.ts';
import { passSendGuard } from '../../server/deliveries/pass-send-guard.ts';
import { putBack } from '../../server/deliveries/put-back.ts';
import { resolveDelivery, type ResolveAction } from '../../server/deliveries/resolve-delivery.ts';
import { setKillSwitch } from '../../server/deliveries/set-kill-switch.ts';
import { settlePrepare } from '../../server/deliveries/settle-prepare.ts';
import { settleReadBack } from '../../server/deliveries/settle-read-back.ts';
import { settleSend } from '../../server/deliveries/settle-send.ts';
import { storePrepared } from '../../server/deliveries/store-prepared.ts';
import { AppError } from '../../server/errors.ts';
import type { Network } from '../../server/networks/network.ts';
import * as rules from './delivery-model.ts';
import type { DeliveryModel, Fate, WorkerNo } from './delivery-model.ts';
import { expectSame, expectTruth, readRow, resync, type DeliveryRow } from './delivery-row.ts';

/** The delivery itself, and what its workers hold in their hands. */
export interface RealDelivery {
  context: Context;
  network: Network;
  caller: PersonCaller;
  id: string;
  postId: string;
  channelId: string;
  claims: Record<WorkerNo, ClaimedDelivery | null>;
  switchId: string | null;
  row: DeliveryRow;
  /** Taken in any sequence: `from to`. */
  edges: Set<string>;
}

type Step = fc.AsyncCommand<DeliveryModel, RealDelivery>;

/** Longer than any run: what waits, waits until the command that lets time pass. */
export const LONG_SECONDS = 36_000;
const ATTEMPT = { evidence: {}, isCounted: false } as const;
const HASH = new Uint8Array(32);

/** @param act changes both, the model first */
function step(
  name: string,
  act: (model: DeliveryModel, real: RealDelivery) => Promise<void>,
  options: { isPossible?: (model: DeliveryModel) => boolean; by?: 'worker' | 'person' } = {},
): Step {
  return {
    check: options.isPossible ?? (() => true),
    toString: () => name,
    async run(model, real) {
      await act(model, real);
      const before = real.row;
      real.row = await readRow(real.context, real.id);
      if (before.state !== real.row.state) real.edges.add(`${before.state} ${real.row.state}`);
      expectTruth(before, real.row, options.by ?? 'worker', name);
      expectSame(model, real.row, name);
    },
  };
}

const isSender = (no: WorkerNo) => (model: DeliveryModel) => model.workers[no]?.isForSending === true;
const has = (no: WorkerNo) => (model: DeliveryModel) => model.workers[no] !== null;

export const claimStep = (no: WorkerNo, isAlone: boolean) =>
  step(`${no} claims${isAlone ? ' alone' : ''}`, async (model, { context, id, claims }) => {
    rules.claim(model, no, isAlone);
    const claimed = await claimDelivery(context, id, { isAlone });
    if (claimed?.state === 'claimed' || claimed?.state === 'unknown') claims[no] = claimed;
  });

export const prepareStep = (no: WorkerNo) =>
  step(
    `${no} prepares`,
    async (model, { context, network, claims }) => {
      rules.prepare(model, no);
      const claimed = claims[no]!;
      const parts = await freezeParts(context, claimed, network);
      const prepared = parts.filter(({ sent }) => !sent).map(({ partNo }) => ({ partNo, prepared: {} }));
      await storePrepared(context, claimed, prepared);
    },
    { isPossible: isSender(no) },
  );

/** The guard, and the one call if it lets it pass. */
export const sendStep = (no: WorkerNo, fate: Fate) =>
  step(
    `${no} sends (${fate})`,
    async (model, real) => {
      const part = await findOpenPart(real);
      const maySend = rules.passGuard(model, no, fate);
      if (!part) {
        expect(maySend).toBe(false);
        return;
      }
      const { partNo, key } = part;
      const intent = { partNo, payloadHash: HASH, idempotencyKey: key };
      const outcome = await passSendGuard(real.context, real.claims[no]!, intent);
      expect(outcome === 'sending').toBe(maySend);
      if (!maySend) return;
      expect(model.isUnproved, 'sent again without proof').toBe(false);
      expect(partNo).toBe(model.liveParts + 1);
      if (fate === 'taken') rules.show(model, { partNo, key });
      if (fate === 'late') model.underWay.push({ partNo, key });
      expect(countMostShown(model), 'shown twice').toBeLessThan(2);
    },
    { isPossible: isSender(no) },
  );

const ENDS: Record<Fate, readonly rules.SendEnd[]> = {
  taken: ['published', 'unclear'],
  lost: ['unclear', 'again', 'stopped'],
  late: ['unclear'],
};

export const settleSendStep = (no: WorkerNo, choice: number) =>
  step(
    `${no} settles its send (${choice})`,
    async (model, { context, claims }) => {
      const { partNo, fate } = model.workers[no]!.sending!;
      const end = ENDS[fate][choice % ENDS[fate].length]!;
      const part = { partNo, waitSeconds: end === 'unclear' ? LONG_SECONDS : 0, ...ATTEMPT };
      rules.settleSend(model, no, end);
      await settleSend(context, claims[no]!, {
        ...part,
        outcome: { published: 'published', unclear: 'ambiguous', again: 'not_sent', stopped: 'rejected' }[
          end
        ],
        verdict: end,
        ...(end === 'published' && {
          sent: { remoteId: `live ${claims[no]!.id} ${partNo}`, remoteUrl: 'https://net.example/' },
        }),
        ...(end === 'stopped' && { stoppedAs: 'failed', problem: { code: 'refused', message: 'No.' } }),
      });
    },
    { isPossible: (model) => Boolean(model.workers[no]?.sending) },
  );

/** The network is asked; what it says is settled later, or never. */
export const lookStep = (no: WorkerNo) =>
  step(
    `${no} looks`,
    async (model, real) => {
      const part = await findOpenPart(real);
      if (!part) return;
      const { partNo, key } = part;
      const claimed = real.claims[no]!;
      const isRight = rules.holder(model, no, ['unknown']) !== null && model.lease === 'live';
      const intent = { partNo, payloadHash: HASH, idempotencyKey: key };
      expect(await beginReadBack(real.context, claimed, intent)).toBe(isRight);
      const isThere = model.shown.some((post) => post.partNo === partNo);
      if (isRight) model.workers[no]!.looked = { partNo, isThere };
    },
    { isPossible: ({ workers }) => workers[no]?.isForReading === true && !workers[no].looked },
  );

export const settleReadStep = (no: WorkerNo, choice: number) =>
  step(
    `${no} settles its look (${choice})`,
    async (model, real) => {
      const { partNo, isThere } = model.workers[no]!.looked!;
      // A worker looks once per claim.
      model.workers[no]!.isForReading = false;
      model.workers[no]!.looked = null;
      const truth = isThere ? 'found' : 'not_found';
      const ends = [truth, truth, truth, 'ambiguous', 'rejected'] as const;
      const end = model.guarantee === 'none' ? 'unreadable' : ends[choice % ends.length]!;
      rules.settleRead(model, no, end);
      const found = { remoteId: `live ${real.id} ${partNo}`, remoteUrl: 'https://net.example/' };
      await settleReadBack(real.context, real.claims[no]!, {
        ...{ partNo, outcome: end, evidence: {}, found: end === 'found' ? found : null },
        ...{ guarantee: model.guarantee, keyLifetimeSeconds: null },
        ...{ quarantineSeconds: LONG_SECONDS, retrySeconds: LONG_SECONDS },
      });
    },
    { isPossible: ({ workers }) => Boolean(workers[no]?.looked) },
  );

export const settlePrepareStep = (no: WorkerNo, end: rules.PrepareEnd) =>
  step(
    `${no} cannot prepare (${end})`,
    async (model, { context, claims }) => {
      rules.settlePrepare(model, no, end);
      const problem = end === 'again' ? undefined : { code: end, message: 'No.' };
      await settlePrepare(context, claims[no]!, { verdict: end, waitSeconds: 0, isCounted: false, problem });
    },
    { isPossible: has(no) },
  );

export const putBackStep = (no: WorkerNo) =>
  step(
    `${no} lets go`,
    async (model, { context, claims }) => {
      rules.putBack(model, no);
      await putBack(context, claims[no]!, LONG_SECONDS);
    },
    { isPossible: has(no) },
  );

export const leaseEndsStep = () =>
  step(
    'the lease ends',
    async (model, { context, id }) => {
      model.lease = 'over';
      await context.db.$executeRaw`
        update delivery set lease_until = clock_timestamp() - interval '1 second' where id = ${id}`;
    },
    { isPossible: ({ lease }) => lease === 'live' },
  );

export const expireStep = () =>
  step('leases are looked through', async (model, { context }) => {
    rules.expire(model);
    await expireLeases(context);
  });

export const timeStep = () =>
  step('time passes', async (model, { context, id }) => {
    rules.passTime(model);
    await context.db.$executeRaw`
      update delivery set not_before = clock_timestamp() - interval '1 second' where id = ${id}`;
    expect(countMostShown(model), 'shown twice').toBeLessThan(2);
  });

export const lateStep = () =>
  step('it becomes too late', async (model, { context, id }) => {
    model.isTooLate = true;
    await context.db.$executeRaw`
      update delivery set not_after = clock_timestamp() - interval '1 second' where id = ${id}`;
  });

export const missStep = () =>
  step('what is late is missed', async (model, { context }) => {
    rules.missLate(model);
    await missLateDeliveries(context);
  });

export const stopStep = () =>
  step(
    'the channel is stopped',
    async (model, real) => {
      model.isStopped = true;
      const what = { kind: 'channel', target: real.channelId, reason: 'A model' } as const;
      real.switchId = await setKillSwitch(real.context, real.caller, what);
    },
    { isPossible: ({ isStopped }) => !isStopped },
  );

export const liftStep = () =>
  step(
    'the stop is lifted',
    async (model, real) => {
      rules.lift(model);
      await liftKillSwitch(real.context, real.caller, real.switchId!);
    },
    { isPossible: ({ isStopped }) => isStopped },
  );

/** A person who looks before they say anything. What the rules let them do is not foretold: only that it is no illegal edge. */
export const resolveStep = (action: ResolveAction) =>
  step(
    `a person: ${action}`,
    async (model, real) => {
      const part = await findOpenPart(real);
      const isThere = model.shown.some(({ partNo }) => partNo === part?.partNo) || model.underWay.length > 0;
      const what = { postId: real.postId, channelId: real.channelId, action };
      const permalink = `https://net.example/${part?.partNo ?? 1}`;
      const input = { ...what, permalink, isConfirmed: !isThere };
      const isDone = await resolveDelivery(real.context, real.caller, input).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof AppError)) throw error;
          return false;
        },
      );
      const row = await readRow(real.context, real.id);
      // By the same key, or because they have seen that it is not there.
      if (isDone && action === 'retry' && row.state === 'scheduled') model.isUnproved = false;
      if (isDone) resync(model, row);
    },
    { by: 'person', isPossible: (model) => action !== 'record_as_posted' || hasSomethingToRecord(model) },
  );

function hasSomethingToRecord({ shown, liveParts }: DeliveryModel): boolean {
  return shown.some(({ partNo }) => partNo === liveParts + 1);
}

async function findOpenPart({ context, id }: RealDelivery): Promise<FrozenPart | undefined> {
  return (await readParts(context, id)).find(({ sent }) => !sent);
}

function countMostShown({ shown }: DeliveryModel): number {
  const perPart = [...Map.groupBy(shown, ({ partNo }) => partNo).values()];
  return Math.max(0, ...perPart.map(({ length }) => length));
}

// What every network is held to, through the real engine: workers, queue, PostgreSQL, and the network's own protocol.
import { afterAll, describe, expect, test } from 'vitest';

import { listBadWireCases } from './contract-bad-wire.ts';
import type { ContractCase, ListCases } from './contract-case.ts';
import { listLaggingCases } from './contract-lagging.ts';
import { listPostCases } from './contract-posts.ts';
import { openContractRun } from './contract-run.ts';
import { CONTRACTS, type ContractName } from './contract-traits.ts';
import type { NetworkRig } from './network-rig.ts';

/** What waits longest begins first. */
const LISTS: readonly ListCases[] = [listBadWireCases, listLaggingCases, listPostCases];

export const listCases = (name: ContractName): readonly ContractCase[] =>
  LISTS.flatMap((list) => list(CONTRACTS[name]));

/** Each test has an account of its own, so that they run beside each other. */
export function describeContract(name: ContractName, startRig: () => Promise<NetworkRig>): void {
  describe(`${name} keeps the contract`, () => {
    const run = openContractRun(startRig, CONTRACTS[name].network);
    for (const { id, fact, check } of listCases(name)) test.concurrent(`${id}: ${fact}`, () => check(run));
    afterAll(() => expect(run.rig.strays()).toEqual([]));
  });
}

// What the contract suite shows of which network, so that nothing drops out of it unseen.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, test } from 'vitest';

import { CASE_IDS, type CaseId } from './contract-case.ts';
import { listCases } from './contract.ts';
import { CONTRACTS, type ContractName } from './contract-traits.ts';
import { openTestContext } from '../support/test-context.ts';

const NAMES = Object.keys(CONTRACTS) as ContractName[];
const HERE = import.meta.dirname;
const FOLDERS = [HERE, path.join(HERE, '../real-networks')];

/** Tests by case, in the order of the networks; a star: shown in another way, for the reason that is printed. */
const EXPECTED: Record<CaseId, string> = {
  guarantee: '1 1 1 1 1 1 1 1 1',
  text: '1 1 1 1 1 1 1 1 1',
  'one picture': '1 1 1 1 1 1 1 1 1',
  'four pictures': '1 1 1 1 1 1 1 1 1',
  thread: '2 2 1* 1* 2 2 2 1* 1*',
  'too long': '1 1 1 1 1 1 1 1 1',
  'same text again': '1* 1 1 1 1* 1* 1* 1* 1',
  'deleting twice': '1 1 1 1 1 1 1 1* 1',
  'token runs out': '1* 1 1* 1* 1 1* 1* 1* 1*',
  'permission taken back': '1* 1 1 1 1 1 1 1 1',
  numbers: '1 1 1 1 1 1 1 1 1',
  'too many calls': '2 2 2 2 2 2 2 2 2',
  'taken, then cut off': '1 1 1 1 1 1 1 1 1',
  'taken, then 502': '1 1 1 1 1 1 1 1 1',
  'taken, other answers': '2 2 2 2 2 2 2 2 2',
  'not taken': '2 2 2 2 2 2 2 2 2',
  'slow answer': '2 2 2 2 2 2 2 2 2',
  'reads that lag': '1 3 3 1* 1 1 1 1 1',
};

test('every network has every case, or another one and the reason', () => {
  const reasons: string[] = [];
  const table = CASE_IDS.map((id) => {
    const cells = NAMES.map((name) => {
      const cases = listCases(name).filter((one) => one.id === id);
      const because = cases.flatMap((one) => one.because ?? []);
      reasons.push(...because.map((reason) => `  * ${id}, ${name}: ${reason}`));
      return `${cases.length}${because.length > 0 ? '*' : ''}`;
    });
    return [id, cells.join(' ')] as const;
  });
  const rows = table.map(([id, cells]) => `  ${id.padEnd(22)} ${cells.replaceAll(' ', '\t')}`);
  process.stdout.write([`contract: ${NAMES.join(' | ')}`, ...rows, ...reasons, ''].join('\n'));
  expect(Object.fromEntries(table)).toEqual(EXPECTED);
});

test('every network that there is keeps it', async () => {
  await using context = await openTestContext();
  const kept = new Set<string>(NAMES.map((name) => CONTRACTS[name].network));
  expect([...context.networks.keys()].toSorted()).toEqual([...kept].toSorted());
});

test('every contract is kept by a test file, once', async () => {
  const described: string[] = [];
  for (const folder of FOLDERS) {
    const files = (await readdir(folder)).filter((file) => /^contract-\w+\.test\.ts$/.test(file));
    for (const file of files) {
      const source = await readFile(path.join(folder, file), 'utf8');
      for (const [, name] of source.matchAll(/^describeContract\('([^']+)'/gm)) described.push(name!);
    }
  }
  expect(described.toSorted()).toEqual(NAMES.toSorted());
});

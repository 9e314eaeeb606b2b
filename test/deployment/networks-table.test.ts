import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, test } from 'vitest';

import { openTestContext } from '../support/test-context.ts';

const GUARANTEES = {
  exact: 'exact',
  idempotent: 'idempotent',
  read_back: 'read back',
  none: 'none',
};

test('the README says of every network what its connector says', async () => {
  await using context = await openTestContext();
  const readme = await readFile(path.resolve(import.meta.dirname, '../../README.md'), 'utf8');
  const section = readme.split('\n## Networks\n')[1]!.split('\n## ')[0]!;
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const told = rows.map(([name, guarantee, threads, proven]) => ({
    name,
    guarantee: guarantee!.replace(/ \(.*/, ''),
    threads,
    proven,
  }));
  const known = [...context.networks.values()].map(({ name, guarantee, rules, isProven }) => ({
    name,
    guarantee: GUARANTEES[guarantee],
    threads: rules.maxParts > 1 ? 'yes' : 'no',
    proven: isProven ? 'yes' : 'not yet proven against the real service',
  }));
  const byName = (a: { name?: string | undefined }, b: { name?: string | undefined }) =>
    (a.name ?? '').localeCompare(b.name ?? '');
  expect(told.toSorted(byName)).toEqual(known.toSorted(byName));
});

test('only what is inside the server or runs its real software in the tests is proven without a live run', async () => {
  await using context = await openTestContext();
  const proven = [...context.networks.values()].filter(({ isProven }) => isProven).map(({ id }) => id);
  expect(proven.toSorted()).toEqual(['bluesky', 'playground']);
});

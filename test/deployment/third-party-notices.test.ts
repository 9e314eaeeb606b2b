import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, test } from 'vitest';

import { renderThirdPartyNotices } from './third-party-notices.ts';

const root = path.resolve(import.meta.dirname, '../..');

test('THIRD_PARTY_NOTICES.md is what the lockfile says (else run node test/deployment/write-third-party-notices.ts)', async () => {
  const written = await readFile(path.join(root, 'THIRD_PARTY_NOTICES.md'), 'utf8');
  expect(written === (await renderThirdPartyNotices(root))).toBe(true);
});

test('no production package is under a licence that forbids to run it as a service', async () => {
  const written = await readFile(path.join(root, 'THIRD_PARTY_NOTICES.md'), 'utf8');
  const licences = [...written.matchAll(/^\| (\S+)(?: \*)? \| \S+ \| ([^|]+) \|/gm)].map((row) =>
    row[2]!.trim(),
  );
  expect(licences.length).toBeGreaterThan(100);
  expect(licences.filter((licence) => /GPL|SSPL|BUSL|NonCommercial/i.test(licence))).toEqual([]);
});

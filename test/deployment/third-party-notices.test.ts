import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, test } from 'vitest';

import { renderThirdPartyNotices } from './third-party-notices.ts';

const root = path.resolve(import.meta.dirname, '../..');

test('THIRD_PARTY_NOTICES.md is what the lockfile says (else run node test/deployment/write-third-party-notices.ts)', async () => {
  const written = await readFile(path.join(root, 'THIRD_PARTY_NOTICES.md'), 'utf8');
  expect(written === (await renderThirdPartyNotices(root))).toBe(true);
});

// libvips, the image library under sharp. The LGPL lets anybody run it as a service; it asks who passes it on to keep it
// replaceable and its licence with it: it is a shared library in a package of its own, unchanged, with its licence named here.
const LGPL_LIBRARY = /^@img\/sharp-/;

test('no production package is under a licence that forbids to run it as a service', async () => {
  const written = await readFile(path.join(root, 'THIRD_PARTY_NOTICES.md'), 'utf8');
  const packages = [...written.matchAll(/^\| (\S+)(?: \*)? \| \S+ \| ([^|]+) \|/gm)].map((row) => ({
    name: row[1]!,
    licence: row[2]!.trim(),
  }));
  expect(packages.length).toBeGreaterThan(100);
  const isRefused = ({ name, licence }: (typeof packages)[number]) =>
    /GPL|SSPL|BUSL|NonCommercial/i.test(LGPL_LIBRARY.test(name) ? licence.replace('LGPL', '') : licence);
  expect(packages.filter(isRefused)).toEqual([]);
});

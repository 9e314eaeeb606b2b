import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { readConfig } from '../../server/config.ts';
import { listLinkable } from '../../server/channels/list-linkable.ts';
import { API_VERSIONS, warnOfVersion } from '../../server/networks/api-versions.ts';
import { openTestContext } from '../support/test-context.ts';

const DAY_MS = 86_400_000;

describe.each(API_VERSIONS)('the version of $network that is asked for by default', (known) => {
  const { setting, version, diesOn } = known;

  test('lives for two more months: when this fails, choose a newer one and run the suites with it', () => {
    expect(Date.parse(diesOn) - Date.now()).toBeGreaterThan(60 * DAY_MS);
  });

  test('is the default of its setting', () => {
    const { linkedin, instagram, facebook } = readConfig({}).networks;
    const used = {
      LINKEDIN_VERSION: [linkedin.version],
      META_GRAPH_VERSION: [instagram.graphVersion, facebook.graphVersion],
    }[setting];
    expect(new Set(used)).toEqual(new Set([version]));
  });

  test('stands in .env.example with the day of its end', async () => {
    const lines = (await readFile(path.join(import.meta.dirname, '../../.env.example'), 'utf8')).split('\n');
    const at = lines.indexOf(`#${setting}=${version}`);
    expect(lines[at - 1]).toContain(`this one on ${diesOn}`);
  });

  test('is warned of from 60 days before its end, by date and setting', () => {
    const daysBefore = (days: number) => new Date(Date.parse(diesOn) - days * DAY_MS);
    expect(warnOfVersion(setting, version, daysBefore(61))).toBeNull();
    const warning = warnOfVersion(setting, version, daysBefore(59));
    expect(warning).toContain(`Version ${version} of its API ends on `);
    expect(warning).toContain(new Date(diesOn).getUTCFullYear().toString());
    expect(warning).toContain(setting);
    expect(warnOfVersion(setting, version, daysBefore(-1))).toContain('ended on');
  });
});

test('a LinkedIn version of the operator’s own choice ends in the middle of its month a year later', () => {
  const now = new Date('2026-12-20T00:00:00Z');
  expect(warnOfVersion('LINKEDIN_VERSION', '202601', now)).toContain('ends on 15 January 2027');
  expect(warnOfVersion('LINKEDIN_VERSION', '202606', now)).toBeNull();
});

test('of a Graph version that is not ours nobody here knows the end', () => {
  expect(warnOfVersion('META_GRAPH_VERSION', 'v19.0', new Date())).toBeNull();
});

test('an operator who asks for a version that ends soon reads so where accounts are linked', async () => {
  const ending = new Date();
  ending.setUTCMonth(ending.getUTCMonth() - 11, 1);
  const version = ending.toISOString().slice(0, 7).replace('-', '');
  await using context = await openTestContext({ LINKEDIN_VERSION: version });
  const warnings = new Map(listLinkable(context).map(({ id, versionWarning }) => [id, versionWarning]));
  expect(warnings.get('linkedin')).toContain(`Version ${version} of its API ends on 15 `);
  expect(warnings.get('instagram')).toBeNull();
});

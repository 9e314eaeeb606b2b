import { describe, expect, test } from 'vitest';

import { readConfig } from '../../server/config.ts';
import { API_VERSIONS, warnOfVersion } from '../../server/networks/api-versions.ts';

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

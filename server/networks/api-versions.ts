import type { RuleSource } from './network-rules.ts';

/** A version of a network's API that we ask for by default, and when it stops answering. */
export interface ApiVersion {
  network: 'LinkedIn' | 'Meta';
  /** The setting that names another one. */
  setting: 'LINKEDIN_VERSION' | 'META_GRAPH_VERSION';
  version: string;
  /** YYYY-MM-DD; as announced, or a year (LinkedIn) or two (Meta) after it came. */
  diesOn: string;
  source: RuleSource;
}

export const API_VERSIONS: readonly ApiVersion[] = [
  {
    network: 'LinkedIn',
    setting: 'LINKEDIN_VERSION',
    version: '202607',
    diesOn: '2027-07-15',
    source: {
      url: 'https://learn.microsoft.com/en-us/linkedin/marketing/versioning',
      checkedAt: '2026-11-21',
    },
  },
  {
    network: 'Meta',
    setting: 'META_GRAPH_VERSION',
    version: 'v25.0',
    diesOn: '2028-02-18',
    source: {
      url: 'https://developers.facebook.com/docs/graph-api/changelog/versions',
      checkedAt: '2026-11-21',
    },
  },
];

const WARN_DAYS = 60;
const DAY_MS = 86_400_000;

/**
 * What the operator is to do about the version that this server asks for, from 60 days before it ends; null: nothing, or
 * nobody here knows when it ends.
 */
export function warnOfVersion(setting: ApiVersion['setting'], version: string, now: Date): string | null {
  const diesOn = endOf(setting, version);
  if (!diesOn) return null;
  const endsAtMs = Date.parse(diesOn);
  if (endsAtMs > now.getTime() + WARN_DAYS * DAY_MS) return null;
  const date = new Date(endsAtMs).toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
  const ends =
    endsAtMs > now.getTime() ? `ends on ${date}` : `ended on ${date}, so that nothing can go out any more`;
  return `Version ${version} of its API ${ends}. The operator updates this server, or sets ${setting} to a newer one.`;
}

/** Of a version of an operator's own choice, LinkedIn's name tells: it came in that month and lives for a year. */
function endOf(setting: ApiVersion['setting'], version: string): string | undefined {
  const known = API_VERSIONS.find((listed) => listed.setting === setting && listed.version === version);
  if (known || setting === 'META_GRAPH_VERSION') return known?.diesOn;
  return `${Number(version.slice(0, 4)) + 1}-${version.slice(4)}-15`;
}

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

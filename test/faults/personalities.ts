import type { GuaranteeClass } from '../../server/networks/network.ts';

/** How a network of the campaign treats a post that it has already. */
export type DuplicateRule =
  /** The key names the record: the same again changes nothing, another text under it is refused. */
  | 'fixed_key'
  /** Kept in the same transaction as the post. */
  | 'key_with_commit'
  /** Kept a while after the post, and looked at before: two at once are two posts. */
  | 'key_after_commit'
  | 'refused_403'
  /** And tells which post it is. */
  | 'refused_422'
  /** What is made ahead is published once, however often it is asked for. */
  | 'container'
  | 'session'
  | 'taken_again';

export interface Personality {
  id: string;
  guarantee: GuaranteeClass;
  duplicates: DuplicateRule;
  /** False: nobody can ask it what it has. */
  isReadable: boolean;
  /** The longest until a new post is shown to whoever asks. */
  readLagMs: number;
  /** Longer than anything that a request may still do after its client is gone, and longer than the lag. */
  quarantineSeconds: number;
}

/** Until a late key is kept. */
export const KEY_LAG_MS = 1_000;
/** What comes late comes this long after the request, and so after the client's patience. */
export const LATE_MS = 1_100;
export const SEND_TIMEOUT_MS = 900;
/** No network takes a request later than this after its client began with it, or no quarantine would ever be long enough. */
export const LONGEST_TAKE_MS = 1_500;

const usual = { isReadable: true, readLagMs: 0, quarantineSeconds: 2 } as const;

/** The ten kinds of network that there are, as far as posting twice goes. */
export const PERSONALITIES: readonly Personality[] = [
  { ...usual, id: 'fixed_key', guarantee: 'exact', duplicates: 'fixed_key' },
  { ...usual, id: 'idempotency_key', guarantee: 'idempotent', duplicates: 'key_with_commit' },
  { ...usual, id: 'late_key', guarantee: 'idempotent', duplicates: 'key_after_commit', quarantineSeconds: 3 },
  { ...usual, id: 'refuses_403', guarantee: 'read_back', duplicates: 'refused_403' },
  { ...usual, id: 'refuses_422', guarantee: 'read_back', duplicates: 'refused_422' },
  { ...usual, id: 'readable', guarantee: 'read_back', duplicates: 'taken_again' },
  {
    ...usual,
    id: 'readable_later',
    guarantee: 'read_back',
    duplicates: 'taken_again',
    readLagMs: 2_500,
    quarantineSeconds: 4,
  },
  { ...usual, id: 'container', guarantee: 'exact', duplicates: 'container' },
  { ...usual, id: 'resumable', guarantee: 'exact', duplicates: 'session' },
  { ...usual, id: 'unreadable', guarantee: 'none', duplicates: 'taken_again', isReadable: false },
];

export function isPreparedAhead({ duplicates }: Personality): boolean {
  return duplicates === 'container' || duplicates === 'session';
}

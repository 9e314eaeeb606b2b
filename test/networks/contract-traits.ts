import { findRules } from '../../server/networks/find-rules.ts';
import type { GuaranteeClass, PostNumbers } from '../../server/networks/network.ts';
import type { NetworkId } from '../../server/networks/network-rules.ts';

/** What a network is held to; what it takes its rules say. */
export interface ContractTraits {
  network: NetworkId;
  guarantee: GuaranteeClass;
  /** What an access token that ran out leads to; never: it has none. */
  expiry: 'renewed' | 'reconnect' | 'never';
  /** The same text as two posts: both are shown, or the network takes the first alone. */
  sameText: 'both' | 'refused';
  /**
   * How it answers the repeat of a send that it took: with the post that it made, or that it has it already. unrepeated: nobody
   * can look whether it took it, so that nothing is repeated but by a person.
   */
  repeat: 'same' | 'duplicate' | 'unrepeated';
  /** Whether it lets a client delete. */
  takesDown: boolean;
  /** The numbers that it tells of a post; the others are null. */
  numbers: readonly (keyof PostNumbers)[];
}

export const CONTRACTS = {
  Playground: {
    network: 'playground',
    guarantee: 'exact',
    expiry: 'never',
    sameText: 'both',
    repeat: 'same',
    takesDown: true,
    numbers: ['views', 'likes'],
  },
  X: {
    network: 'x',
    guarantee: 'read_back',
    expiry: 'renewed',
    sameText: 'refused',
    repeat: 'duplicate',
    takesDown: true,
    numbers: ['views', 'likes', 'comments', 'shares'],
  },
  'LinkedIn, organisations': {
    network: 'linkedin',
    guarantee: 'read_back',
    expiry: 'reconnect',
    sameText: 'refused',
    repeat: 'duplicate',
    takesDown: true,
    numbers: ['views', 'likes', 'comments', 'shares', 'clicks'],
  },
  'LinkedIn, members': {
    network: 'linkedin',
    guarantee: 'none',
    expiry: 'reconnect',
    sameText: 'refused',
    repeat: 'unrepeated',
    takesDown: true,
    numbers: ['views', 'likes', 'comments', 'shares'],
  },
  Bluesky: {
    network: 'bluesky',
    guarantee: 'exact',
    expiry: 'renewed',
    sameText: 'both',
    repeat: 'same',
    takesDown: true,
    numbers: ['likes', 'comments', 'shares'],
  },
  Mastodon: {
    network: 'mastodon',
    guarantee: 'idempotent',
    expiry: 'reconnect',
    sameText: 'both',
    repeat: 'same',
    takesDown: true,
    numbers: ['likes', 'comments', 'shares'],
  },
  Threads: {
    network: 'threads',
    guarantee: 'exact',
    expiry: 'reconnect',
    sameText: 'both',
    repeat: 'duplicate',
    takesDown: true,
    numbers: ['views', 'likes', 'comments', 'shares'],
  },
  Instagram: {
    network: 'instagram',
    guarantee: 'exact',
    expiry: 'reconnect',
    sameText: 'both',
    repeat: 'duplicate',
    takesDown: false,
    numbers: ['views', 'likes', 'comments', 'shares'],
  },
  Facebook: {
    network: 'facebook',
    guarantee: 'exact',
    expiry: 'reconnect',
    sameText: 'refused',
    repeat: 'same',
    takesDown: true,
    numbers: ['views', 'likes', 'comments', 'shares', 'clicks'],
  },
} as const satisfies Record<string, ContractTraits>;
export type ContractName = keyof typeof CONTRACTS;

export const takesThreads = ({ network }: ContractTraits): boolean => findRules({ network })!.maxParts > 1;

import { bluesky } from './rules/bluesky.ts';
import { playground } from './rules/playground.ts';
import type { NetworkId, NetworkRules } from './network-rules.ts';

const RULES: Partial<Record<NetworkId, NetworkRules>> = { playground, bluesky };

/** A channel, as far as its rules depend on it. */
export interface RuledChannel {
  network: string;
  /** A practice channel keeps the rules of this network. */
  imitates?: string | null;
  /** What its own server allows (`channel.own_limits`). */
  ownLimits?: unknown;
}

/** What a channel takes; undefined for a network that this server does not know. */
export function findRules({ network, imitates }: RuledChannel): NetworkRules | undefined {
  const id = imitates ?? network;
  return Object.hasOwn(RULES, id) ? RULES[id as NetworkId] : undefined;
}

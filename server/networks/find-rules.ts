import { bluesky } from './rules/bluesky.ts';
import { facebook } from './rules/facebook.ts';
import { instagram } from './rules/instagram.ts';
import { linkedin } from './rules/linkedin.ts';
import { makeMastodonRules, mastodon } from './rules/mastodon.ts';
import { playground } from './rules/playground.ts';
import { threads } from './rules/threads.ts';
import { makeXRules, x } from './rules/x.ts';
import type { NetworkId, NetworkRules, Rule } from './network-rules.ts';

const RULES: Readonly<Record<NetworkId, NetworkRules>> = {
  playground,
  x,
  linkedin,
  bluesky,
  mastodon,
  threads,
  instagram,
  facebook,
};

/** Networks whose servers or accounts have limits of their own. */
const MADE_FOR_ONE: Partial<Record<NetworkId, (ownLimits: unknown) => NetworkRules>> = {
  x: makeXRules,
  mastodon: makeMastodonRules,
};

/** A channel, as far as its rules depend on it. */
export interface RuledChannel {
  network: string;
  /** A practice channel keeps the rules of this network. */
  imitates?: string | null;
  /** What its own server or account allows (`channel.own_limits`); what is no such thing is passed over. */
  ownLimits?: unknown;
}

/** What a channel takes; undefined for a network that this server does not know. */
export function findRules({ network, imitates, ownLimits }: RuledChannel): NetworkRules | undefined {
  const id = imitates ?? network;
  if (!isNetworkId(id)) return undefined;
  const make = MADE_FOR_ONE[id];
  return make && ownLimits != null ? make(ownLimits) : RULES[id];
}

/** Every rule that a network has, those about the text first. */
export function listNetworkRules({ textRules, otherRules }: NetworkRules): readonly Rule[] {
  return [...textRules, ...otherRules];
}

export function isNetworkId(id: string): id is NetworkId {
  return Object.hasOwn(RULES, id);
}

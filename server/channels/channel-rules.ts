import { findRules, listNetworkRules, type RuledChannel } from '../networks/find-rules.ts';
import { NETWORK_IDS, type NetworkId, type Rule } from '../networks/network-rules.ts';

/** What a channel asks of texts and pictures; nothing for a network that this server does not know. */
export function findChannelRules(channel: RuledChannel): readonly Rule[] {
  const rules = findRules(channel);
  return rules ? listNetworkRules(rules) : [];
}

/** The networks that none of the channels practises. */
export function findUnpractised(channels: readonly RuledChannel[]): NetworkId[] {
  const practised = new Set(channels.map(({ imitates }) => imitates));
  return NETWORK_IDS.filter((id) => id !== 'playground' && !practised.has(id));
}

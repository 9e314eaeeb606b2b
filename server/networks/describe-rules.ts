import { findRules, listNetworkRules, type RuledChannel } from './find-rules.ts';
import type { NetworkId } from './network-rules.ts';

/** What whoever writes for a network needs to know, in a few short sentences. */
export interface RulesInBrief {
  network: NetworkId;
  /** As people write it. */
  name: string;
  /** The longest that a part may be, in `unit`. */
  limit: number;
  unit: string;
  /** Parts of one thread; 1: it takes none. */
  maxParts: number;
  isPictureRequired: boolean;
  /** All that can be kept while writing, one sentence each. */
  rules: string[];
}

const NOT_FOR_WRITERS = new Set(['text_empty', 'picture_size', 'picture_count', 'alt_missing', 'alt_length']);

/** undefined for a network that this server does not know. */
export function describeRules(channel: RuledChannel | NetworkId): RulesInBrief | undefined {
  const rules = findRules(typeof channel === 'string' ? { network: channel } : channel);
  if (!rules) return undefined;
  return {
    network: rules.id,
    name: rules.name,
    limit: rules.maxLength,
    unit: rules.unit,
    maxParts: rules.maxParts,
    isPictureRequired: rules.pictures.isRequired,
    rules: listNetworkRules(rules)
      .filter(({ id }) => !NOT_FOR_WRITERS.has(id))
      .map(({ says }) => says),
  };
}

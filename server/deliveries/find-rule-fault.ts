import { findRules } from '../networks/find-rules.ts';
import { findBrokenRule } from '../posts/check-caption.ts';
import type { ClaimedDelivery } from './claim-delivery.ts';
import type { Problem } from './problems.ts';

/**
 * The rule of its network that a delivery breaks by now, though it broke none when it was scheduled: the limits of the
 * channel's server, or what this server knows of them, may have changed. Null too once a part may have reached the network,
 * because then only the very same bytes are harmless.
 */
export function findRuleFault(
  delivery: ClaimedDelivery,
  pictures: readonly { altText: string | null }[],
): Problem | null {
  const { captionParts, sendStartedAt, isPartlyPublished } = delivery;
  if (!captionParts || sendStartedAt || isPartlyPublished || !findRules(delivery)) return null;
  const broken = findBrokenRule(delivery, captionParts, pictures);
  return broken ? { code: broken.ruleId, message: broken.fix } : null;
}

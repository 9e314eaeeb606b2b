import type { Context } from '../context.ts';
import { findRules, type RuledChannel } from '../networks/find-rules.ts';
import { findBrokenRule } from '../posts/check-caption.ts';
import type { ClaimedDelivery } from './claim-delivery.ts';
import type { Problem } from './problems.ts';

/**
 * The rule of its network that a delivery breaks by now, though it broke none when it was scheduled: the limits of the
 * channel's server, or what this server knows of them, may have changed. Null too once a part may have reached the network,
 * because then only the very same bytes are harmless.
 */
export async function findRuleFault(
  context: Context,
  delivery: Pick<ClaimedDelivery, 'id' | 'captionParts' | 'sendStartedAt'>,
): Promise<Problem | null> {
  if (!delivery.captionParts || delivery.sendStartedAt) return null;
  const [row] = await context.db.$queryRaw<(RuledChannel & { altTexts: (string | null)[] })[]>`/* plan kept */
    select ch.network, ch.imitates, ch.own_limits as "ownLimits", coalesce((
      select jsonb_agg(m.alt_text order by m.position)
      from revision_media m where m.post_id = d.post_id and m.rev = d.rev), '[]') as "altTexts"
    from delivery d join channel ch on ch.id = d.channel_id
    where d.id = ${delivery.id} and not exists (
      select from delivery_part p where p.delivery_id = d.id and p.remote_id is not null)`;
  if (!row || !findRules(row)) return null;
  const pictures = row.altTexts.map((altText) => ({ altText }));
  const broken = findBrokenRule(row, delivery.captionParts, pictures);
  return broken ? { code: broken.ruleId, message: broken.fix } : null;
}

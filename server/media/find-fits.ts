import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { findRules } from '../networks/find-rules.ts';
import type { NetworkRules } from '../networks/network-rules.ts';
import type { MediaDetails } from './media-details.ts';
import { fitOf, type Fit } from './plan-rendition.ts';

/** How pictures fit the networks that the team has channels on, by network: the worst over its channels. */
export type FitFinder = (media: MediaDetails) => Record<string, Fit>;

const WORST: readonly Fit[] = ['no', 'will_convert', 'ok'];

export async function createFitFinder(context: Context, caller: Caller): Promise<FitFinder> {
  const channels = await context.db.channel.findMany({
    where: { teamId: caller.teamId, disconnectedAt: null },
    select: { network: true, imitates: true, ownLimits: true },
    orderBy: { id: 'asc' },
  });
  const rules = channels.map(findRules).filter((found) => found !== undefined);
  const byNetwork = [...Map.groupBy(rules, ({ id }) => id)];
  return (media) => Object.fromEntries(byNetwork.map(([id, all]) => [id, worstFit(media, all)]));
}

function worstFit(media: MediaDetails, rules: readonly NetworkRules[]): Fit {
  const { mimeType, width, height, byteCount } = media;
  if (mimeType === null || width === null || height === null || byteCount === null) return 'no';
  const fits = rules.map((one) => fitOf({ mimeType, width, height, byteCount }, one));
  return WORST.find((fit) => fits.includes(fit)) ?? 'no';
}

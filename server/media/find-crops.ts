import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { findRules } from '../networks/find-rules.ts';
import type { MediaDetails } from './media-details.ts';
import { planRendition, type CropBox, type Fit } from './plan-rendition.ts';

/** What a network would get of a picture as it stands in the library. */
export interface NetworkCrop {
  network: string;
  fit: Fit;
  /** Pixels; null where it does not take the picture. */
  width: number | null;
  height: number | null;
  mimeType: string | null;
  /** What stays, as shares of the picture. */
  crop: CropBox | null;
}

/** For each network that the team has a channel on, in the order in which they were linked, around the focal point. */
export async function findCrops(
  { db }: Pick<Context, 'db'>,
  { teamId }: Caller,
  media: MediaDetails,
): Promise<NetworkCrop[]> {
  const { mimeType, width, height, byteCount } = media;
  if (mimeType === null || width === null || height === null || byteCount === null) return [];
  const channels = await db.channel.findMany({
    where: { teamId, disconnectedAt: null },
    select: { network: true, imitates: true, ownLimits: true },
    orderBy: { id: 'asc' },
  });
  const rules = channels.map(findRules).filter((found) => found !== undefined);
  const byNetwork = new Map(rules.map((one) => [one.id, one]));
  return [...byNetwork.values()].map((one): NetworkCrop => {
    const plan = planRendition({ mimeType, width, height, byteCount }, one, media);
    if (!plan) return { network: one.id, fit: 'no', width: null, height: null, mimeType: null, crop: null };
    const fit = plan.isUnchanged ? 'ok' : 'will_convert';
    return {
      network: one.id,
      fit,
      ...{ width: plan.width, height: plan.height },
      mimeType: plan.mimeType,
      crop: plan.crop,
    };
  });
}

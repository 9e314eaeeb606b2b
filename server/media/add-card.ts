import { assertMayWrite, type Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { addDescription } from './add-description.ts';
import type { CardSpec } from './image-engine.ts';
import { hashBytes, keepPicture } from './keep-picture.ts';
import type { MediaDetails } from './media-details.ts';
import { assertCampaignIsOurs, type MediaInput } from './new-media.ts';

export interface CardInput {
  title: string;
  subtitle?: string | undefined;
  theme?: CardSpec['theme'] | undefined;
  size?: CardSpec['size'] | undefined;
}

/**
 * Draws a picture of words with the team's name on it; unless told, its alt text is those words. The same card again is the
 * same picture.
 * @throws AppError InvalidInput for words that do not fit; Conflict (`media_quota_reached`); NotFound for the campaign
 */
export async function addCard(
  context: Context,
  caller: Caller,
  { card, ...input }: MediaInput & { card: CardInput },
): Promise<MediaDetails> {
  assertMayWrite(caller);
  await assertCampaignIsOurs(context, caller, input);
  const team = await context.db.team.findUniqueOrThrow({
    where: { id: caller.teamId },
    select: { name: true },
  });
  const { title, subtitle, theme = 'light', size = 'landscape' } = card;
  const picture = await context.images.drawCard({ title, subtitle, theme, size, brand: team.name });
  const altText = input.altText?.trim() || [title, subtitle].filter(Boolean).join('. ');
  const described = { ...input, altText };
  const originHash = hashBytes(picture.bytes);
  const kept = await keepPicture(context, caller, 'card', { ...described, picture, originHash });
  return addDescription(context, caller, kept, described);
}

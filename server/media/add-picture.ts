import { assertMayWrite, type Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { addDescription } from './add-description.ts';
import { findSameOrigin, hashBytes, keepPicture } from './keep-picture.ts';
import type { MediaDetails } from './media-details.ts';
import { assertCampaignIsOurs, type MediaInput } from './new-media.ts';

/**
 * Adds a file that a person or an address gave, whatever it says it is: it is decoded, and only the picture is kept. The same
 * bytes again are the same picture, with what is said of it now beside what was said before.
 * @throws AppError InvalidInput for what is no picture; Conflict (`media_quota_reached`); NotFound for the campaign
 */
export async function addPicture(
  context: Context,
  caller: Caller,
  input: MediaInput & { source: 'url' | 'upload'; bytes: Uint8Array },
): Promise<MediaDetails> {
  assertMayWrite(caller);
  await assertCampaignIsOurs(context, caller, input);
  const originHash = hashBytes(input.bytes);
  const same = await findSameOrigin(context, caller.teamId, originHash);
  if (same) return addDescription(context, caller, same, input);
  const picture = await context.images.normalise(input.bytes);
  const kept = await keepPicture(context, caller, input.source, { ...input, picture, originHash });
  return addDescription(context, caller, kept, input);
}

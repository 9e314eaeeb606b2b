import { assertMayWrite, type Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { addPicture } from './add-picture.ts';
import { downloadPicture } from './download-picture.ts';
import type { MediaDetails } from './media-details.ts';
import { assertCampaignIsOurs, type MediaInput } from './new-media.ts';

/**
 * Fetches a picture from a public https address.
 * @throws AppError as `downloadPicture` and `addPicture`
 */
export async function importPicture(
  context: Context,
  caller: Caller,
  input: MediaInput & { url: string },
): Promise<MediaDetails> {
  assertMayWrite(caller);
  await assertCampaignIsOurs(context, caller, input);
  const bytes = await downloadPicture(context, input.url);
  const filename = input.filename ?? lastSegmentOf(input.url);
  return addPicture(context, caller, { ...input, filename, source: 'url', bytes });
}

function lastSegmentOf(url: string): string {
  const segment = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

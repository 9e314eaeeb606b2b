import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { invalidInput } from '../errors.ts';
import { addCard, type CardInput } from './add-card.ts';
import { createFileSlots } from './file-slots.ts';
import { importPicture } from './import-picture.ts';
import type { MediaDetails } from './media-details.ts';
import type { MediaInput } from './new-media.ts';
import { requestUpload, type UploadLink } from './request-upload.ts';

export interface UploadInput extends MediaInput {
  url?: string | undefined;
  card?: CardInput | undefined;
}

/** Of this process: a team that asks for many at once leaves room for the others. */
const slots = createFileSlots();

/**
 * One of three: the picture at an address, a card made of words, or, with neither, a link for a local file.
 * @throws AppError as `importPicture`, `addCard` and `requestUpload`; InvalidInput (`url_and_card`);
 *   Unavailable (`too_many_at_once`)
 */
export async function uploadMedia(
  context: Context,
  caller: Caller,
  { url, card, ...input }: UploadInput,
): Promise<{ media: MediaDetails } | { link: UploadLink }> {
  if (url !== undefined && card) {
    throw invalidInput({
      code: 'url_and_card',
      field: 'card',
      message:
        'A picture comes from a url or is drawn as a card. Give one of them, or neither for an upload link.',
    });
  }
  if (url === undefined && !card) return { link: await requestUpload(context, caller, input) };
  const giveBack = slots.take(caller.teamId);
  try {
    if (card) return { media: await addCard(context, caller, { ...input, card }) };
    return { media: await importPicture(context, caller, { ...input, url: url! }) };
  } finally {
    giveBack();
  }
}

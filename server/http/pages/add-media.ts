import type { RouterContext } from '@koa/router';

import { invalidInput } from '../../errors.ts';
import { addPicture } from '../../media/add-picture.ts';
import type { MediaDetails } from '../../media/media-details.ts';
import { mediaPagePath, mediaThumbnailPath } from '../../media/media-urls.ts';
import { uploadMedia, type UploadInput } from '../../media/upload-media.ts';
import { redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import type { SignedInPage } from '../signed-in.ts';
import { sentFileOf } from '../upload-form.ts';

const THEMES = ['light', 'dark'] as const;
const SIZES = ['landscape', 'square', 'portrait', 'story'] as const;
const MAX_ADDRESS = 2000;
const MAX_ALT_TEXT = 2000;

/** A file that a person sends; a script that sends many wants to know what became of each. */
export async function addUpload({ ctx, context, caller }: SignedInPage): Promise<void> {
  const file = sentFileOf(ctx);
  if (!file) throw invalidInput({ code: 'no_file', field: 'file', message: 'Choose a file first.' });
  const altText = formField(ctx, 'altText').slice(0, MAX_ALT_TEXT);
  const added = await addPicture(context, caller, {
    ...{ source: 'upload', filename: file.name, bytes: file.bytes },
    ...(altText && { altText }),
  });
  if (wantsPage(ctx)) return redirectDone(ctx, mediaPagePath(added.id), 'media_added');
  const { id, filename, contentHash } = added;
  ctx.status = 201;
  ctx.body = {
    href: mediaPagePath(id),
    src: mediaThumbnailPath({ id, contentHash: contentHash ?? '' }),
    name: filename,
    isDescribed: added.altText !== null,
  };
}

export async function addFromAddress(page: SignedInPage): Promise<void> {
  const url = formField(page.ctx, 'url').trim();
  const isAddress = url.length <= MAX_ADDRESS && /^https?:\/\//i.test(url) && URL.canParse(url);
  if (!isAddress) {
    throw invalidInput({
      code: 'invalid_url',
      field: 'url',
      message: 'Give the whole address of a picture, beginning with https://.',
    });
  }
  const altText = formField(page.ctx, 'altText').slice(0, MAX_ALT_TEXT);
  await addBy(page, { url, ...(altText && { altText }) });
}

export async function addAsCard(page: SignedInPage): Promise<void> {
  const { ctx } = page;
  const [title, subtitle] = [['title', 200] as const, ['subtitle', 300] as const].map(([name, most]) =>
    formField(ctx, name).replaceAll(/\s+/g, ' ').trim().slice(0, most),
  );
  if (!title) {
    throw invalidInput({ code: 'no_title', field: 'title', message: 'A card needs a title.' });
  }
  const theme = THEMES.find((one) => one === formField(ctx, 'theme'));
  const size = SIZES.find((one) => one === formField(ctx, 'size'));
  await addBy(page, { card: { title, ...(subtitle && { subtitle }), theme, size } });
}

async function addBy({ ctx, context, caller }: SignedInPage, input: UploadInput): Promise<void> {
  const { media } = (await uploadMedia(context, caller, input)) as { media: MediaDetails };
  redirectDone(ctx, mediaPagePath(media.id), 'media_added');
}

/** Whether a person at a form waits for the answer. */
export function wantsPage(ctx: RouterContext): boolean {
  return ctx.get('Accept').includes('text/html');
}

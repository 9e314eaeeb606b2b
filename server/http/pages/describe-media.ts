import { DescribeMediaView } from '../../../views/describe-media.ts';
import { html } from '../../../views/html.ts';
import { assertMayWrite } from '../../caller.ts';
import { getLibraryFacts } from '../../media/library-facts.ts';
import { listMedia } from '../../media/list-media.ts';
import { mediaFilePath } from '../../media/media-urls.ts';
import { updateMedia } from '../../media/update-media.ts';
import { readDoneNotice } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { cursorOf } from '../paging-links.ts';
import { renderPage } from '../render.ts';
import type { SignedInPage } from '../signed-in.ts';

const PATH = '/media/describe';

/** The next picture that nobody described; the cursor passes over those that were skipped. */
export async function showUndescribed(page: SignedInPage, problem?: string): Promise<void> {
  const { ctx, context, caller, viewer } = page;
  assertMayWrite(caller);
  const cursor = cursorOf(ctx) ?? (formField(ctx, 'cursor') || undefined);
  const [{ items, nextCursor }, { undescribed }] = await Promise.all([
    listMedia(context, caller, { isMissingAlt: true, cursor, limit: 1 }),
    getLibraryFacts(context, caller),
  ]);
  const [media] = items;
  const view = html`<${DescribeMediaView}
    viewer=${viewer}
    done=${readDoneNotice(ctx)}
    problem=${problem}
    media=${media ?? null}
    src=${media && mediaFilePath({ id: media.id, contentHash: media.contentHash ?? '' })}
    undescribed=${undescribed}
    cursor=${cursor}
    skipHref=${nextCursor ? `${PATH}?cursor=${nextCursor}` : undefined}
  />`;
  renderPage(ctx, view, problem ? 400 : 200);
}

export async function describeOne(page: SignedInPage): Promise<void> {
  const { ctx, context, caller, id } = page;
  const altText = formField(ctx, 'altText').trim().slice(0, 2000);
  if (!altText) return showUndescribed(page, 'Write what is to be seen, or skip it.');
  await updateMedia(context, caller, { mediaId: id, altText });
  const cursor = formField(ctx, 'cursor');
  const parameters = new URLSearchParams({ done: 'media_changed', ...(cursor && { cursor }) });
  ctx.status = 303;
  ctx.redirect(`${PATH}?${parameters.toString()}`);
}

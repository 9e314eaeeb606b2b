import type Router from '@koa/router';

import { DeleteMediaView } from '../../../views/delete-media.ts';
import { html } from '../../../views/html.ts';
import { MediaItemView } from '../../../views/media-item.ts';
import { MediaView } from '../../../views/media.ts';
import { assertMayWrite } from '../../caller.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { addPicture } from '../../media/add-picture.ts';
import { deleteMedia } from '../../media/delete-media.ts';
import { createFitFinder } from '../../media/find-fits.ts';
import { findMedia } from '../../media/find-media.ts';
import { findUses } from '../../media/find-uses.ts';
import { listMedia } from '../../media/list-media.ts';
import { toMediaDetails, type MediaDetails } from '../../media/media-details.ts';
import { mediaFilePath, mediaPagePath, mediaThumbnailPath } from '../../media/media-urls.ts';
import { updateMedia } from '../../media/update-media.ts';
import { readDoneNotice, redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { cursorOf, pagerOf } from '../paging-links.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';
import { sentFileOf } from '../upload-form.ts';

const PAGE_SIZE = 24;
const MAX_QUERY = 100;

export const MEDIA_UPLOAD_PATH = '/media';

export function addMediaPages(router: Router, context: Context): void {
  router.get(
    '/media',
    signedIn(context, (page) => showLibrary(page)),
  );
  router.post(MEDIA_UPLOAD_PATH, signedIn(context, upload));
  router.get(
    '/media/:id',
    signedIn(context, (page) => showPicture(page), 'media'),
  );
  router.post('/media/:id', signedIn(context, change, 'media'));
  router.get('/media/:id/delete', signedIn(context, askToDelete, 'media'));
  router.post('/media/:id/delete', signedIn(context, remove, 'media'));
}

interface Problem {
  field?: string | undefined;
  message: string;
}

async function showLibrary({ ctx, context, caller, viewer }: SignedInPage, problem?: Problem): Promise<void> {
  const isMissingAlt = ctx.query['show'] === 'missing-alt' ? true : undefined;
  const { q } = ctx.query;
  const query = typeof q === 'string' && !q.includes('\0') ? q.trim().slice(0, MAX_QUERY) : '';
  const filter = { query: query || undefined, isMissingAlt, cursor: cursorOf(ctx), limit: PAGE_SIZE };
  const page = await listMedia(context, caller, filter);
  const parameters = new URLSearchParams({
    ...(isMissingAlt && { show: 'missing-alt' }),
    ...(query && { q: query }),
  });
  const path = parameters.size > 0 ? `/media?${parameters.toString()}` : '/media';
  const view = html`<${MediaView}
    viewer=${viewer}
    done=${readDoneNotice(ctx)}
    problem=${problem}
    mayAct=${caller.role !== 'viewer'}
    maxMegabytes=${context.config.media.maxBytes / 1e6}
    query=${query}
    isMissingAlt=${isMissingAlt ?? false}
    pictures=${page.items.map(toTile)}
    ...${pagerOf(ctx, path, page)}
  />`;
  renderPage(ctx, view, problem ? 400 : 200);
}

function toTile(media: MediaDetails) {
  const { id, filename, altText, width, height, contentHash } = media;
  const src = mediaThumbnailPath({ id, contentHash: contentHash ?? '' });
  return { href: mediaPagePath(id), src, filename, altText, width: width ?? 0, height: height ?? 0 };
}

async function upload(page: SignedInPage): Promise<void> {
  const { ctx, context, caller } = page;
  const file = sentFileOf(ctx);
  if (!file) return showLibrary(page, { field: 'file', message: 'Choose a file first.' });
  try {
    const altText = formField(ctx, 'altText');
    const added = await addPicture(context, caller, {
      ...{ source: 'upload', filename: file.name, bytes: file.bytes },
      ...(altText && { altText }),
    });
    redirectDone(ctx, mediaPagePath(added.id), 'media_added');
  } catch (error) {
    await showLibrary(page, problemOf(error));
  }
}

async function showPicture(page: SignedInPage, problem?: Problem): Promise<void> {
  const { ctx, context, caller, viewer, id } = page;
  const media = toMediaDetails(await findMedia(context, caller, id));
  const [uses, fitOf] = await Promise.all([findUses(context, caller, id), createFitFinder(context, caller)]);
  const view = html`<${MediaItemView}
    viewer=${viewer}
    done=${readDoneNotice(ctx)}
    problem=${problem}
    mayAct=${caller.role !== 'viewer'}
    media=${media}
    src=${media.contentHash && mediaFilePath({ id, contentHash: media.contentHash })}
    fits=${media.state === 'ready' ? Object.entries(fitOf(media)) : []}
    uses=${uses}
  />`;
  renderPage(ctx, view, problem ? 400 : 200);
}

async function change(page: SignedInPage): Promise<void> {
  const { ctx, context, caller, id } = page;
  const [x, y] = ['focalX', 'focalY'].map((name) => readPercent(formField(ctx, name)));
  if (x === undefined || y === undefined) {
    return showPicture(page, { field: 'focalX', message: 'Give both as numbers from 0 to 100.' });
  }
  await updateMedia(context, caller, {
    mediaId: id,
    altText: formField(ctx, 'altText').slice(0, 2000),
    focalPoint: { x, y },
    tags: formField(ctx, 'tags')
      .split(',')
      .map((tag) => tag.trim().slice(0, 40))
      .slice(0, 20),
  });
  redirectDone(ctx, mediaPagePath(id), 'media_changed');
}

/** 0 to 1. */
function readPercent(text: string): number | undefined {
  const percent = /^\d{1,3}([.,]\d{1,4})?$/.test(text.trim()) ? Number(text.trim().replace(',', '.')) : NaN;
  return percent <= 100 ? percent / 100 : undefined;
}

async function askToDelete({ ctx, context, caller, viewer, id }: SignedInPage): Promise<void> {
  assertMayWrite(caller);
  const media = toMediaDetails(await findMedia(context, caller, id));
  const uses = await findUses(context, caller, id);
  renderPage(ctx, html`<${DeleteMediaView} viewer=${viewer} media=${media} uses=${uses} blockedBy=${[]} />`);
}

async function remove({ ctx, context, caller, viewer, id }: SignedInPage): Promise<void> {
  const { blockedBy } = await deleteMedia(context, caller, { mediaId: id });
  if (blockedBy.length === 0) return redirectDone(ctx, '/media', 'media_deleted');
  const media = toMediaDetails(await findMedia(context, caller, id));
  const uses = await findUses(context, caller, id);
  const view = html`<${DeleteMediaView}
    viewer=${viewer}
    media=${media}
    uses=${uses}
    blockedBy=${blockedBy}
  />`;
  renderPage(ctx, view, 409);
}

/** What the person can correct is said beside the form; anything else is a page of its own. */
function problemOf(error: unknown): Problem {
  if (!(error instanceof AppError) || error.kind === 'NotAllowed' || error.kind === 'NotFound') throw error;
  return { field: 'file', message: error.message };
}

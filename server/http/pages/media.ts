import type Router from '@koa/router';

import { DeleteMediaView } from '../../../views/delete-media.ts';
import { html } from '../../../views/html.ts';
import { MediaItemView } from '../../../views/media-item.ts';
import { MediaView } from '../../../views/media.ts';
import { assertMayWrite } from '../../caller.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { deleteMedia } from '../../media/delete-media.ts';
import { findCrops } from '../../media/find-crops.ts';
import { findMedia } from '../../media/find-media.ts';
import { findUses } from '../../media/find-uses.ts';
import { getLibraryFacts } from '../../media/library-facts.ts';
import { listMedia } from '../../media/list-media.ts';
import { toMediaDetails, type MediaDetails } from '../../media/media-details.ts';
import { mediaFilePath, mediaPagePath, mediaThumbnailPath } from '../../media/media-urls.ts';
import { updateMedia } from '../../media/update-media.ts';
import { readDoneNotice, redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { cursorOf, pagerOf } from '../paging-links.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';
import { addAsCard, addFromAddress, addUpload, wantsPage } from './add-media.ts';
import { describeOne, showUndescribed } from './describe-media.ts';

const PAGE_SIZE = 24;
const MAX_QUERY = 100;

export const MEDIA_UPLOAD_PATH = '/media';

export function addMediaPages(router: Router, context: Context): void {
  router.get(
    '/media',
    signedIn(context, (page) => showLibrary(page)),
  );
  const adding = (form: 'upload' | 'import' | 'card', add: (page: SignedInPage) => Promise<void>) =>
    signedIn(context, (page) => addOrExplain(page, form, add));
  router.post(MEDIA_UPLOAD_PATH, adding('upload', addUpload));
  router.post('/media/import', adding('import', addFromAddress));
  router.post('/media/card', adding('card', addAsCard));
  router.get(
    '/media/describe',
    signedIn(context, (page) => showUndescribed(page)),
  );
  router.post('/media/:id/describe', signedIn(context, describeOne, 'media'));
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

type FormProblem = Problem & { form: 'upload' | 'import' | 'card' };

async function showLibrary(
  { ctx, context, caller, viewer }: SignedInPage,
  problem?: FormProblem,
): Promise<void> {
  const isMissingAlt = ctx.query['show'] === 'missing-alt' ? true : undefined;
  const [query, tag] = [readWords(ctx.query['q']), readWords(ctx.query['tag'])];
  const filter = {
    ...{ query: query || undefined, tag: tag || undefined, isMissingAlt },
    ...{ cursor: cursorOf(ctx), limit: PAGE_SIZE },
  };
  const [page, facts] = await Promise.all([
    listMedia(context, caller, filter),
    getLibraryFacts(context, caller),
  ]);
  const hrefOf = (chosen: string) => {
    const parameters = new URLSearchParams({
      ...(isMissingAlt && { show: 'missing-alt' }),
      ...(query && { q: query }),
      ...(chosen && { tag: chosen }),
    });
    return parameters.size > 0 ? `/media?${parameters.toString()}` : '/media';
  };
  const view = html`<${MediaView}
    viewer=${viewer}
    done=${readDoneNotice(ctx)}
    problem=${problem}
    values=${Object.fromEntries(TYPED.map((name) => [name, formField(ctx, name)]))}
    mayAct=${caller.role !== 'viewer'}
    maxMegabytes=${context.config.media.maxBytes / 1e6}
    query=${query}
    tag=${tag}
    ...${facts}
    tags=${[...new Set([...facts.tags, ...(tag ? [tag] : [])])].map((one) => ({ tag: one, href: hrefOf(one === tag ? '' : one) }))}
    isMissingAlt=${isMissingAlt ?? false}
    pictures=${page.items.map(toTile)}
    ...${pagerOf(ctx, hrefOf(tag), page)}
  />`;
  renderPage(ctx, view, problem ? 400 : 200);
}

/** What is kept of a form that adds a picture when it was refused. */
const TYPED = ['url', 'altText', 'title', 'subtitle', 'size', 'theme'] as const;

function readWords(parameter: unknown): string {
  const isText = typeof parameter === 'string' && !parameter.includes('\0');
  return isText ? parameter.trim().slice(0, MAX_QUERY) : '';
}

function toTile(media: MediaDetails) {
  const { id, filename, altText, width, height, contentHash } = media;
  const src = mediaThumbnailPath({ id, contentHash: contentHash ?? '' });
  return { href: mediaPagePath(id), src, filename, altText, width: width ?? 0, height: height ?? 0 };
}

/** What the person can correct is said beside the form; anything else is a page of its own. */
async function addOrExplain(
  page: SignedInPage,
  form: FormProblem['form'],
  add: (page: SignedInPage) => Promise<void>,
): Promise<void> {
  try {
    await add(page);
  } catch (error) {
    const isTheirs = error instanceof AppError && error.kind !== 'NotAllowed' && error.kind !== 'NotFound';
    if (!isTheirs || !wantsPage(page.ctx)) throw error;
    await showLibrary(page, { form, message: error.message });
  }
}

async function showPicture(page: SignedInPage, problem?: Problem): Promise<void> {
  const { ctx, context, caller, viewer, id } = page;
  const media = toMediaDetails(await findMedia(context, caller, id));
  const [uses, crops] = await Promise.all([findUses(context, caller, id), findCrops(context, caller, media)]);
  const file = media.contentHash && { id, contentHash: media.contentHash };
  const typed = ['altText', 'tags', 'focalX', 'focalY'].map((name) => [name, formField(ctx, name)] as const);
  const view = html`<${MediaItemView}
    viewer=${viewer}
    done=${readDoneNotice(ctx)}
    problem=${problem}
    values=${problem && Object.fromEntries(typed)}
    mayAct=${caller.role !== 'viewer'}
    media=${media}
    src=${file && mediaFilePath(file)}
    thumbnail=${file && mediaThumbnailPath(file)}
    crops=${media.state === 'ready' ? crops : []}
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

import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';

import { html } from '../../../views/html.ts';
import { PostHistoryView } from '../../../views/post-history.ts';
import type { Context } from '../../context.ts';
import { placesOf } from '../../deliveries/decide-post.ts';
import { OVER_STATES } from '../../deliveries/delivery-state.ts';
import { isAppError } from '../../errors.ts';
import { compareRevisions } from '../../posts/compare-revisions.ts';
import { getPost } from '../../posts/get-post.ts';
import { listRevisions } from '../../posts/list-revisions.ts';
import { showPictures } from '../../posts/show-pictures.ts';
import { previewRevision, useRevision } from '../../posts/use-revision.ts';
import { redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

import { isOnCalendar, toDone } from './saved-post.ts';

/** Who wrote which revision of a post, what changed between any two, and an earlier one's words once more. */
export function addPostHistoryPage(router: Router, context: Context): void {
  router.get(
    '/posts/:id/history',
    signedIn(context, (page) => showHistory(page), 'post'),
  );

  router.post(
    '/posts/:id/history',
    signedIn(
      context,
      async (page) => {
        const { ctx, caller, id } = page;
        try {
          const before = await getPost(context, caller, { postId: id });
          const saved = await useRevision(context, caller, {
            ...{ postId: id, rev: Number(formField(ctx, 'use')), places: formField(ctx, 'places') },
            expectedRev: Number(formField(ctx, 'rev')),
          });
          redirectDone(ctx, `/posts/${id}`, toDone(before, saved));
        } catch (error) {
          if (!isAppError(error, 'Conflict', 'InvalidInput')) throw error;
          await showHistory(page, error.message);
        }
      },
      'post',
    ),
  );
}

async function showHistory(
  { ctx, context, caller, viewer, id }: SignedInPage,
  problem?: string,
): Promise<void> {
  const post = await getPost(context, caller, { postId: id });
  const revisions = await listRevisions(context, caller, { postId: id, rev: post.rev });
  const known = new Set(revisions.map(({ rev }) => rev));
  const to = readRev(ctx, 'to', known) ?? post.rev;
  const from = readRev(ctx, 'from', known) ?? revisions.find(({ rev }) => rev < to)?.rev ?? to;
  const earlier = to === post.rev ? null : await previewRevision(context, caller, post, to);
  const view = html`<${PostHistoryView}
    viewer=${viewer}
    postId=${id}
    timeZone=${post.timeZone}
    rev=${post.rev}
    places=${placesOf(post.deliveries.filter(isOnCalendar))}
    isScheduled=${post.deliveries.some(isOnCalendar)}
    revisions=${revisions}
    from=${from}
    to=${to}
    change=${from === to ? null : await compareRevisions(context, caller, { postId: id, from, to })}
    earlier=${earlier?.deliveries.filter(({ state }) => !OVER_STATES.has(state)) ?? []}
    contents=${earlier ? await showPictures(context, earlier) : new Map()}
    mayAct=${caller.role !== 'viewer'}
    problem=${problem}
  />`;
  renderPage(ctx, view, problem ? 409 : 200);
}

function readRev(ctx: RouterContext, name: string, known: ReadonlySet<number>): number | undefined {
  const rev = Number(ctx.query[name]);
  return known.has(rev) ? rev : undefined;
}

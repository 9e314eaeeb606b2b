import type Router from '@koa/router';

import { html } from '../../../views/html.ts';
import { PostView } from '../../../views/post.ts';
import { PostsView } from '../../../views/posts.ts';
import type { Caller } from '../../caller.ts';
import type { Context } from '../../context.ts';
import { cancelSchedule } from '../../deliveries/cancel-schedule.ts';
import { GOING_OUT_STATES, NEEDS_YOU_STATES, type DeliveryState } from '../../deliveries/delivery-state.ts';
import { listRequestedPosts } from '../../deliveries/list-requested-posts.ts';
import { getPostMetrics } from '../../metrics/get-post-metrics.ts';
import { findChanges } from '../../posts/find-changes.ts';
import { getPost, type PostDetails } from '../../posts/get-post.ts';
import { listPosts } from '../../posts/list-posts.ts';
import { showPictures } from '../../posts/show-pictures.ts';
import { readDoneNotice, redirectDone } from '../done-notice.ts';
import { cursorOf, pagerOf } from '../paging-links.ts';
import { renderPage } from '../render.ts';
import { signedIn } from '../signed-in.ts';

import { toWaiting } from './to-waiting.ts';

const SHOWS: readonly { id: string; label: string; states?: readonly DeliveryState[] }[] = [
  { id: 'all', label: 'All' },
  { id: 'needs-you', label: 'Needs you', states: NEEDS_YOU_STATES },
  { id: 'scheduled', label: 'Scheduled', states: GOING_OUT_STATES },
  { id: 'published', label: 'Published', states: ['published'] },
  { id: 'drafts', label: 'Drafts', states: ['draft'] },
];

export function addPostPages(router: Router, context: Context): void {
  router.get(
    '/posts',
    signedIn(context, async ({ ctx, caller, viewer, team }) => {
      const show = SHOWS.find(({ id }) => id === ctx.query['show']) ?? SHOWS[0]!;
      const page = await listPosts(context, caller, { states: show.states, cursor: cursorOf(ctx) });
      const isRequestedShown = show.id === 'needs-you' && !cursorOf(ctx);
      const requested = isRequestedShown ? await listRequestedPosts(context, caller, { isForAll: true }) : [];
      const view = html`<${PostsView}
        viewer=${viewer}
        timeZone=${team.timeZone}
        mayAct=${caller.role !== 'viewer'}
        show=${show.id}
        shows=${SHOWS}
        posts=${[...requested.map(toWaiting), ...page.items]}
        ...${pagerOf(ctx, show.id === 'all' ? '/posts' : `/posts?show=${show.id}`, page)}
      />`;
      renderPage(ctx, view);
    }),
  );

  router.get(
    '/posts/:id',
    signedIn(
      context,
      async ({ ctx, caller, viewer, id }) => {
        const post = await getPost(context, caller, { postId: id, includeAttempts: true });
        const view = html`<${PostView}
          viewer=${viewer}
          done=${readDoneNotice(ctx)}
          post=${post}
          contents=${await showPictures(context, post)}
          numbers=${await findNumbers(context, caller, post)}
          change=${await findChanges(context, caller, post)}
          mayAct=${caller.role !== 'viewer'}
        />`;
        renderPage(ctx, view);
      },
      'post',
    ),
  );

  router.post(
    '/posts/:id/cancel',
    signedIn(
      context,
      async ({ ctx, caller, id }) => {
        await cancelSchedule(context, caller, { postId: id });
        redirectDone(ctx, `/posts/${id}`, 'cancelled');
      },
      'post',
    ),
  );
}

async function findNumbers(context: Context, caller: Caller, { id, deliveries }: PostDetails) {
  const isOut = deliveries.some(({ state }) => state === 'published' || state === 'taken_down');
  return isOut ? (await getPostMetrics(context, caller, { postId: id })).channels : [];
}

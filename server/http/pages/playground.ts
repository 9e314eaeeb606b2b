import type Router from '@koa/router';

import { html } from '../../../views/html.ts';
import { PlaygroundPostView, PlaygroundView } from '../../../views/playground.ts';
import type { Context } from '../../context.ts';
import { findTimeline, findTimelinePost } from '../../posts/find-timeline.ts';
import { likeTimelinePost } from '../../posts/like-timeline-post.ts';
import { seeTimeline } from '../../posts/see-timeline.ts';
import { formField } from '../form-body.ts';
import { cursorOf, pagerOf } from '../paging-links.ts';
import { renderPage } from '../render.ts';
import { signedIn } from '../signed-in.ts';

export function addPlaygroundPages(router: Router, context: Context): void {
  router.get(
    '/playground',
    signedIn(context, async ({ ctx, caller, viewer, team }) => {
      const page = await findTimeline(context, caller, cursorOf(ctx));
      await seeTimeline(
        context,
        caller,
        page.items.map((post) => post.id),
      );
      const view = html`<${PlaygroundView}
        viewer=${viewer}
        timeZone=${team.timeZone}
        posts=${page.items}
        ...${pagerOf(ctx, '/playground', page)}
      />`;
      renderPage(ctx, view);
    }),
  );

  router.get(
    '/playground/:id',
    signedIn(
      context,
      async ({ ctx, caller, viewer, team, id }) => {
        const post = await findTimelinePost(context, caller, id);
        await seeTimeline(context, caller, [post.id]);
        renderPage(
          ctx,
          html`<${PlaygroundPostView} viewer=${viewer} timeZone=${team.timeZone} post=${post} />`,
        );
      },
      'playgroundPost',
    ),
  );

  router.post(
    '/playground/:id/like',
    signedIn(
      context,
      async ({ ctx, caller, id }) => {
        await likeTimelinePost(context, caller, { id, isLiked: formField(ctx, 'like') === 'yes' });
        ctx.status = 303;
        ctx.redirect(`/playground/${id}`);
      },
      'playgroundPost',
    ),
  );
}

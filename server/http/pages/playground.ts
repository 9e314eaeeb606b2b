import type Router from '@koa/router';

import { html } from '../../../views/html.ts';
import { PlaygroundPostView, PlaygroundView } from '../../../views/playground.ts';
import type { Context } from '../../context.ts';
import { findTimeline, findTimelinePost } from '../../posts/find-timeline.ts';
import { cursorOf, pagerOf } from '../paging-links.ts';
import { renderPage } from '../render.ts';
import { signedIn } from '../signed-in.ts';

export function addPlaygroundPages(router: Router, context: Context): void {
  router.get(
    '/playground',
    signedIn(context, async ({ ctx, caller, viewer, team }) => {
      const page = await findTimeline(context, caller, cursorOf(ctx));
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
        renderPage(
          ctx,
          html`<${PlaygroundPostView} viewer=${viewer} timeZone=${team.timeZone} post=${post} />`,
        );
      },
      'playgroundPost',
    ),
  );
}

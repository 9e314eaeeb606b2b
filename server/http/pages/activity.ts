import type Router from '@koa/router';

import { ActivityView } from '../../../views/activity.ts';
import { html } from '../../../views/html.ts';
import { listActivity } from '../../activity/list-activity.ts';
import type { Context } from '../../context.ts';
import { cursorOf, pagerOf } from '../paging-links.ts';
import { renderPage } from '../render.ts';
import { signedIn } from '../signed-in.ts';

export function addActivityPages(router: Router, context: Context): void {
  router.get(
    '/activity',
    signedIn(context, async ({ ctx, caller, viewer, team }) => {
      const page = await listActivity(context, caller, { limit: 50, cursor: cursorOf(ctx) });
      const view = html`<${ActivityView}
        viewer=${viewer}
        timeZone=${team.timeZone}
        activities=${page.items}
        ...${pagerOf(ctx, '/activity', page)}
      />`;
      renderPage(ctx, view);
    }),
  );
}

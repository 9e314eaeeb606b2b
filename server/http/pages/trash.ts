import type Router from '@koa/router';

import { html } from '../../../views/html.ts';
import { TrashView } from '../../../views/trash.ts';
import type { Context } from '../../context.ts';
import { discardPost } from '../../posts/discard-post.ts';
import { listDiscarded } from '../../posts/list-discarded.ts';
import { readDoneNotice, redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { cursorOf, pagerOf } from '../paging-links.ts';
import { renderPage } from '../render.ts';
import { signedIn } from '../signed-in.ts';

/** Throwing posts away and getting them back. */
export function addTrashPages(router: Router, context: Context): void {
  router.get(
    '/trash',
    signedIn(context, async ({ ctx, caller, viewer, team }) => {
      const page = await listDiscarded(context, caller, cursorOf(ctx));
      const view = html`<${TrashView}
        viewer=${viewer}
        timeZone=${team.timeZone}
        done=${readDoneNotice(ctx)}
        posts=${page.items}
        mayAct=${caller.role !== 'viewer'}
        ...${pagerOf(ctx, '/trash', page)}
      />`;
      renderPage(ctx, view);
    }),
  );

  router.post(
    '/posts/:id/discard',
    signedIn(
      context,
      async ({ ctx, caller, id }) => {
        const expectedRev = Number(formField(ctx, 'rev'));
        await discardPost(context, caller, { postId: id, expectedRev });
        redirectDone(ctx, '/trash', 'discarded');
      },
      'post',
    ),
  );

  router.post(
    '/posts/:id/restore',
    signedIn(
      context,
      async ({ ctx, caller, id }) => {
        const expectedRev = Number(formField(ctx, 'rev'));
        await discardPost(context, caller, { postId: id, expectedRev, restore: true });
        redirectDone(ctx, `/posts/${id}`, 'restored');
      },
      'post',
    ),
  );
}

import type Router from '@koa/router';

import type { Context } from '../../context.ts';
import type { LiveStreams } from '../live-streams.ts';
import { signedIn } from '../signed-in.ts';

const MOST_AGE_MS = 600_000;

/** What tells open pages that something has changed; a browser that is sent to sign in takes that for the end of it. */
export function addLivePage(router: Router, context: Context, streams: LiveStreams): void {
  router.get(
    '/live',
    signedIn(context, async ({ ctx, session, team }) => {
      const pageAgeMs = Math.min(Math.max(Number(ctx.query['age']) || 0, 0), MOST_AGE_MS);
      const viewing = { sessionToken: session.token, teamId: team.id, pageAgeMs };
      if (!streams.open(viewing, ctx.res)) {
        ctx.status = 503;
        ctx.set('Retry-After', '60');
        ctx.body = '';
        return;
      }
      // Koa would log each browser that goes away as a failure.
      ctx.respond = false;
      ctx.status = 200;
      ctx.type = 'text/event-stream; charset=utf-8';
      ctx.set('Cache-Control', 'no-store, no-transform');
      // nginx and what understands it: as it comes.
      ctx.set('X-Accel-Buffering', 'no');
    }),
  );
}

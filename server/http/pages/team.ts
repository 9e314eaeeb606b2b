import type Router from '@koa/router';

import type { Context } from '../../context.ts';
import { rememberTeam, signedIn } from '../signed-in.ts';

export function addTeamPages(router: Router, context: Context): void {
  router.post(
    '/team',
    signedIn(context, async ({ ctx, team }) => {
      rememberTeam(ctx, context, team.id);
      ctx.status = 303;
      ctx.redirect('/');
    }),
  );
}

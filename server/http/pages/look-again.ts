import type { RouterContext } from '@koa/router';

const SECONDS = 5;

/** Has the browser load the page again by itself, with or without JavaScript: only while something is about to come. */
export function lookAgainSoon(ctx: RouterContext): void {
  ctx.set('Refresh', `${SECONDS}; url=${ctx.path}`);
}

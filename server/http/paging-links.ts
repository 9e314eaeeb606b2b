import type { RouterContext } from '@koa/router';

/** Where a list goes on, as the page before it said. */
export function cursorOf(ctx: RouterContext): string | undefined {
  const { cursor } = ctx.query;
  return typeof cursor === 'string' ? cursor : undefined;
}

/** The links below a list: on to older entries, and back to the newest. `path` may have a query. */
export function pagerOf(ctx: RouterContext, path: string, page: { nextCursor: string | null }) {
  const joint = path.includes('?') ? '&' : '?';
  return {
    nextHref: page.nextCursor ? `${path}${joint}cursor=${page.nextCursor}` : undefined,
    firstHref: cursorOf(ctx) ? path : undefined,
  };
}

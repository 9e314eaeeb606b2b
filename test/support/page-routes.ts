import type { Context } from '../../server/context.ts';
import { createPageRouter } from '../../server/http/pages.ts';

export interface PageRoute {
  method: string;
  /** As the router has it, with `:id` and the like. */
  path: string;
}

/** What answers with something else than a page, and why nobody has to look at it. */
const NOT_PAGES: Readonly<Record<string, string>> = {
  '/live': 'a stream of events',
  '/media/:id/file': 'a picture',
  '/media/:id/thumbnail': 'a picture',
  '/renditions/:id/:rev/:channelId/:position': 'a picture',
  '/activity/days/:id': 'a file to keep',
  '/channels/link/:network/callback': 'takes what the network sends back, and goes on',
  '/sign-in/company': 'leaves for the company’s own page',
  '/sign-in/company/callback': 'takes what the company sends back, and goes on',
};
const FILE = /\.(csv|json|ics|txt)$/;

/** Every route of the router: a test that goes through them cannot forget one. */
export function listPageRoutes(context: Context): PageRoute[] {
  const { stack } = createPageRouter(context) as unknown as { stack: { methods: string[]; path: unknown }[] };
  return stack.flatMap(({ methods, path }) =>
    typeof path === 'string'
      ? methods.filter((method) => method !== 'HEAD').map((method) => ({ method, path }))
      : [],
  );
}

/** The routes that show a page. */
export function listShownRoutes(context: Context): string[] {
  return listPageRoutes(context)
    .filter(({ method, path }) => method === 'GET' && !FILE.test(path) && !Object.hasOwn(NOT_PAGES, path))
    .map(({ path }) => path);
}

/** @returns the route that serves the path; one without parameters goes first */
export function routeOf(routes: readonly string[], pathname: string): string | undefined {
  if (routes.includes(pathname)) return pathname;
  return routes.find((route) => new RegExp(`^${route.replaceAll(/:[a-zA-Z]+/g, '[^/]+')}$`).test(pathname));
}

import type Router from '@koa/router';

import { DesignView } from '../../../views/design.ts';
import { html } from '../../../views/html.ts';
import type { Viewer } from '../../../views/layout.ts';
import type { Context } from '../../context.ts';
import { csrfTokenOf } from '../csrf.ts';
import { renderPage } from '../render.ts';

/** Nobody: the page is open without signing in, and shows the shell that pages behind it have. */
const SOMEBODY: Omit<Viewer, 'csrfToken'> = {
  personName: 'Olivia Owner',
  email: 'olivia@example.com',
  team: { id: 'none', name: 'Harbour Bakery' },
  teams: [],
};

/** `/design`, for whoever builds pages: in development alone. */
export function addDesignPage(router: Router, context: Context): void {
  if (!context.config.isDevelopment) return;
  router.get('/design', (ctx) => {
    const viewer = { ...SOMEBODY, csrfToken: csrfTokenOf(ctx, context) };
    renderPage(ctx, html`<${DesignView} viewer=${viewer} />`);
  });
}

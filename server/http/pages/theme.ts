import type Router from '@koa/router';

import { THEMES } from '../../../views/theme.ts';
import type { Context } from '../../context.ts';
import { formField } from '../form-body.ts';
import { safeReturnTo } from '../return-to.ts';
import { rememberTheme } from '../theme.ts';

/** Light, dark or as the system has it; then back to the page on which it was chosen. */
export function addThemePage(router: Router, { publicUrl }: Context): void {
  router.post('/theme', (ctx) => {
    const chosen = THEMES.find((theme) => theme === formField(ctx, 'theme'));
    if (chosen) rememberTheme(ctx, chosen);
    ctx.status = 303;
    const referrer = ctx.get('Referer');
    const { pathname, search } = new URL(URL.canParse(referrer) ? referrer : publicUrl);
    ctx.redirect(safeReturnTo(`${pathname}${search}`, publicUrl));
  });
}

import type { Context as KoaContext } from 'koa';

import { THEMES, type Theme } from '../../views/theme.ts';

/** A taste, and no secret: kept by the browser alone, for everybody who uses it. */
const THEME_COOKIE = 'grantcast_theme';
const THEME_SECONDS = 365 * 86_400;

export function readTheme(ctx: KoaContext): Theme {
  return THEMES.find((theme) => theme === ctx.cookies.get(THEME_COOKIE, { signed: false })) ?? 'system';
}

export function rememberTheme(ctx: KoaContext, theme: Theme): void {
  ctx.append(
    'Set-Cookie',
    `${THEME_COOKIE}=${theme}; Path=/; Max-Age=${THEME_SECONDS}; HttpOnly; SameSite=Lax`,
  );
}

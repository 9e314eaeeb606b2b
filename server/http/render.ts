import type { Context as KoaContext } from 'koa';
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';

import { html } from '../../views/html.ts';
import { ThemeContext } from '../../views/theme.ts';
import { readTheme } from './theme.ts';

/** Answers with a page; what a person sees is theirs alone and is never kept by a cache. */
export function renderPage(ctx: KoaContext, page: VNode, status = 200): void {
  ctx.status = status;
  ctx.type = 'text/html; charset=utf-8';
  ctx.set('Cache-Control', 'no-store');
  const themed = html`<${ThemeContext.Provider} value=${readTheme(ctx)}>${page}<//>`;
  ctx.body = `<!doctype html>${renderToString(themed)}`;
}

/** Answers with a piece of a page, for a script that puts it in place. */
export function renderFragment(ctx: KoaContext, piece: VNode): void {
  ctx.status = 200;
  ctx.type = 'text/html; charset=utf-8';
  ctx.set('Cache-Control', 'no-store');
  ctx.body = renderToString(piece);
}

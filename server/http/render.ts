import type { Context as KoaContext } from 'koa';
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';

/** Answers with a page; what a person sees is theirs alone and is never kept by a cache. */
export function renderPage(ctx: KoaContext, page: VNode, status = 200): void {
  ctx.status = status;
  ctx.type = 'text/html; charset=utf-8';
  ctx.set('Cache-Control', 'no-store');
  ctx.body = `<!doctype html>${renderToString(page)}`;
}

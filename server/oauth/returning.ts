import type { Middleware } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';

import type { Context } from '../context.ts';
import { pickWords } from '../http/language.ts';
import { renderPage } from '../http/render.ts';
import { safeName } from '../../views/consent-client.ts';
import { ReturningPage } from '../../views/returning.ts';

import { readClientName } from './client-name.ts';

const RESUME = /^\/authorize\/[^/]+$/;

/**
 * The way back to the client after the consent form. `form-action 'self'` makes browsers drop a redirect to another
 * site that follows a form, so the answer is a page that leaves by itself.
 */
export function createReturning(context: Context): Middleware {
  return async function returnToClient(ctx, next) {
    await next();
    const location = ctx.response.get('Location');
    if (!RESUME.test(ctx.path) || !location || ctx.status < 300 || ctx.status > 399) return;
    const target = new URL(location, context.publicUrl);
    if (target.origin === context.publicUrl) return;
    const { oidc } = ctx as unknown as KoaContextWithOIDC;
    ctx.remove('Location');
    const words = pickWords(ctx);
    const { text, known, isImitation } = readClientName(oidc.client?.clientName);
    const page = ReturningPage({
      words,
      clientName: safeName({ name: text, known, standing: isImitation ? 'imitation' : 'unverified' }, words),
      href: target.href,
      isDenied: target.searchParams.has('error'),
    });
    renderPage(ctx, page);
  };
}

import type { Middleware } from 'koa';

import type { Context } from '../context.ts';
import { addressKey } from '../http/address-key.ts';
import { pickWords } from '../http/language.ts';
import { renderPage } from '../http/render.ts';
import { sessionOf } from '../http/session.ts';
import { ConnectProblemPage } from '../../views/connect-problem.ts';

import { openRateLimit } from './rate-limit.ts';

/** Every start leaves a row behind for an hour; an office behind one address starts far fewer. */
const STARTS = { points: 300, seconds: 600 };

/** How often an address may start an authorization while nobody is signed in there; who is signed in is never counted. */
export function createAuthorizeLimit(context: Context): Middleware {
  const perAddress = openRateLimit(context, 'authorize_address', STARTS);
  return async function limitAuthorize(ctx, next) {
    if (ctx.path !== '/authorize' || sessionOf(ctx)) return next();
    const retryAfterSeconds = await perAddress.count(addressKey(ctx.ip));
    if (retryAfterSeconds === 0) return next();
    ctx.set('Retry-After', String(retryAfterSeconds));
    const words = pickWords(ctx);
    const { title, advice } = words.tooManyStarts;
    const minutes = Math.ceil(retryAfterSeconds / 60);
    renderPage(ctx, ConnectProblemPage({ words, title, advice: advice(minutes) }), 429);
  };
}

import { timingSafeEqual } from 'node:crypto';

import type { Context as KoaContext, Middleware } from 'koa';

import type { Context } from '../context.ts';
import { notAllowed } from '../errors.ts';
import { newToken, TOKEN } from '../token.ts';

import { readCookie, setCookie } from './cookies.ts';
import { formField } from './form-body.ts';
import { sessionOf } from './session.ts';

const VISITOR_COOKIE = 'grantcast_visitor';
const VISITOR_SECONDS = 86_400;

/**
 * The token that every form carries: an HMAC of the session's token, or, before sign-in, of a visitor cookie that this
 * sets when it is missing. So a form that was made for one session is refused in another.
 */
export function csrfTokenOf(ctx: KoaContext, context: Context): string {
  const session = sessionOf(ctx);
  if (session) return authenticate(context, `session ${session.token}`);
  const known = (ctx.state['visitor'] as string | undefined) ?? readVisitor(ctx, context);
  const visitor = known ?? newToken();
  if (!known)
    setCookie(ctx, context, { name: VISITOR_COOKIE, value: visitor, maxAgeSeconds: VISITOR_SECONDS });
  ctx.state['visitor'] = visitor;
  return authenticate(context, `visitor ${visitor}`);
}

/** Refuses a form that another site sent, or that was not made for this session. Goes after the body parser. */
export function requireOwnForm(context: Context): Middleware {
  return async function checkForm(ctx, next) {
    if (ctx.method === 'GET' || ctx.method === 'HEAD') return next();
    assertSameOrigin(ctx, context);
    if (!isSame(formField(ctx, 'csrf'), expectedToken(ctx, context))) {
      throw notAllowed({
        code: 'form_expired',
        message:
          'This form is no longer valid: it was open for too long, or you signed in or out meanwhile. Go back, reload the page and send it again.',
      });
    }
    return next();
  };
}

/** @throws AppError NotAllowed (`cross_site`) when the browser says that another site sent this. */
function assertSameOrigin(ctx: KoaContext, context: Context): void {
  const site = ctx.get('Sec-Fetch-Site');
  const origin = ctx.get('Origin');
  const isForeignSite = site !== '' && site !== 'same-origin' && site !== 'none';
  const isForeignOrigin = origin !== '' && origin !== new URL(context.publicUrl).origin;
  if (isForeignSite || isForeignOrigin) {
    throw notAllowed({
      code: 'cross_site',
      message: `This form was sent from another address. Open ${context.publicUrl} and try it there.`,
    });
  }
}

function expectedToken(ctx: KoaContext, context: Context): string | null {
  const session = sessionOf(ctx);
  if (session) return authenticate(context, `session ${session.token}`);
  const visitor = readVisitor(ctx, context);
  return visitor ? authenticate(context, `visitor ${visitor}`) : null;
}

function readVisitor(ctx: KoaContext, context: Context): string | undefined {
  const visitor = readCookie(ctx, context, VISITOR_COOKIE);
  return visitor && TOKEN.test(visitor) ? visitor : undefined;
}

function authenticate(context: Context, message: string): string {
  return context.seal.authenticate(message, 'csrf').toString('base64url');
}

function isSame(sent: string, expected: string | null): boolean {
  if (!expected) return false;
  const [a, b] = [Buffer.from(sent), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

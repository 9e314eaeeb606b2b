import { randomBytes } from 'node:crypto';

import type { Context as KoaContext, Middleware } from 'koa';

import { html } from '../../views/html.ts';
import { ErrorView } from '../../views/error.ts';
import type { Context } from '../context.ts';
import { AppError, type AppErrorKind } from '../errors.ts';

import { renderPage } from './render.ts';

const STATUS: Readonly<Record<AppErrorKind, number>> = {
  InvalidInput: 400,
  NotAllowed: 403,
  NotFound: 404,
  Conflict: 409,
  Unavailable: 503,
};

/** The set-up link, that to a new password, an invitation's, an upload's, a picture's for a network, and the ids under which an authorization is under way. */
const SECRET_IN_PATH = /^(\/(?:set-up|let-in|invitation|interaction|authorize|media\/uploads|m)\/).+/;

interface Failure {
  status: number;
  code: string;
  message: string;
  /** Under which the bug was logged. */
  id?: string;
}

/** The one place where the web turns errors into answers: a page for people, JSON for everything else. */
export function createErrorPage(context: Context): Middleware {
  return async function answerErrors(ctx, next) {
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined && ctx.respond !== false) {
        answer(ctx, { status: 404, code: 'not_found', message: 'There is no page at this address.' });
      }
    } catch (error) {
      if (ctx.headerSent) throw error;
      answer(ctx, describe(context, ctx, error));
    }
  };
}

function describe(context: Context, ctx: KoaContext, error: unknown): Failure {
  if (error instanceof AppError) {
    return { status: STATUS[error.kind], code: error.details.code, message: error.message };
  }
  const status = statusOf(error);
  if (status)
    return { status, code: 'bad_request', message: 'The browser sent something that cannot be read here.' };
  const id = randomBytes(6).toString('hex');
  const path = ctx.path.replace(SECRET_IN_PATH, '$1[redacted]');
  context.log.error({ err: error, id, method: ctx.method, path }, 'a page failed');
  return {
    status: 500,
    code: 'internal',
    id,
    message: 'Something went wrong on the server. It has been noted.',
  };
}

/** Errors of the body parser and of Koa say by `expose` that the sender caused them. */
function statusOf(error: unknown): number | undefined {
  const { status, expose } = error as { status?: unknown; expose?: unknown };
  return expose === true && typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

function answer(ctx: KoaContext, failure: Failure): void {
  if (ctx.get('Accept').includes('text/html')) {
    renderPage(ctx, html`<${ErrorView} ...${failure} />`, failure.status);
    return;
  }
  const { status, code, message, id } = failure;
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { error: code, error_description: message, id };
}

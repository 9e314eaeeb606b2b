import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';

import { html } from '../../../views/html.ts';
import { LetInView } from '../../../views/let-in.ts';
import type { Context } from '../../context.ts';
import { isAppError, type AppError } from '../../errors.ts';
import { letInByLink, openLetInLink } from '../../teams/let-in.ts';
import { PASSWORD_MIN_LENGTH } from '../../teams/passwords.ts';
import { csrfTokenOf } from '../csrf.ts';
import { redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { startSession } from '../sign-in-session.ts';

/** The operator's link for somebody who is locked out. */
export function addLetInPages(router: Router, context: Context): void {
  router.get('/let-in/:token', (ctx) => showLetIn(ctx, context));

  router.post('/let-in/:token', async (ctx) => {
    const input = { token: tokenOf(ctx), password: formField(ctx, 'password'), address: ctx.ip };
    try {
      const { personId } = await letInByLink(context, input);
      await startSession(ctx, context, { personId, by: 'let_in' });
      redirectDone(ctx, '/', 'password_changed');
    } catch (error) {
      if (!isAppError(error, 'InvalidInput')) throw error;
      await showLetIn(ctx, context, error);
    }
  });
}

async function showLetIn(ctx: RouterContext, context: Context, error?: AppError): Promise<void> {
  const { name, email } = await openLetInLink(context, tokenOf(ctx));
  const view = html`<${LetInView}
    action=${ctx.path}
    csrfToken=${csrfTokenOf(ctx, context)}
    name=${name}
    email=${email}
    passwordMinLength=${PASSWORD_MIN_LENGTH}
    problem=${error?.message}
  />`;
  renderPage(ctx, view, error ? 400 : 200);
}

function tokenOf(ctx: RouterContext): string {
  return String(ctx.params['token']);
}

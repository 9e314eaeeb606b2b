import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';

import { html } from '../../../views/html.ts';
import { SetUpView, type SetUpValues } from '../../../views/set-up.ts';
import type { Context } from '../../context.ts';
import { isAppError, notFound } from '../../errors.ts';
import { createFirstOwnerByLink, isSetupLinkGood } from '../../teams/first-owner.ts';
import { PASSWORD_MIN_LENGTH } from '../../teams/passwords.ts';
import { csrfTokenOf } from '../csrf.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { startSession } from '../sign-in-session.ts';

/** The one-time link: whoever opens it first makes the owner's account. */
export function addSetUpPages(router: Router, context: Context): void {
  router.get('/set-up/:token', async (ctx) => {
    if (!(await isSetupLinkGood(context, String(ctx.params['token'])))) {
      throw notFound({
        code: 'setup_link_gone',
        message:
          'This set-up link was used already or is older than a day. Sign in, or restart the server: while it has no owner, it prints a new one.',
      });
    }
    showSetUp(ctx, context, { values: { name: '', email: '', teamName: '', timeZone: 'UTC' } });
  });

  router.post('/set-up/:token', async (ctx) => {
    const values = {
      name: formField(ctx, 'name'),
      email: formField(ctx, 'email'),
      teamName: formField(ctx, 'teamName'),
      timeZone: formField(ctx, 'timeZone'),
    };
    const owner = { ...values, password: formField(ctx, 'password'), linkToken: String(ctx.params['token']) };
    try {
      const { personId } = await createFirstOwnerByLink(context, owner);
      await startSession(ctx, context, { personId, by: 'set_up' });
      ctx.status = 303;
      ctx.redirect('/');
    } catch (error) {
      if (!isAppError(error, 'InvalidInput')) throw error;
      showSetUp(ctx, context, { values, problem: { field: error.details.field, message: error.message } });
    }
  });
}

function showSetUp(
  ctx: RouterContext,
  context: Context,
  { values, problem }: { values: SetUpValues; problem?: { field: string | undefined; message: string } },
): void {
  const view = html`<${SetUpView}
    action=${ctx.path}
    csrfToken=${csrfTokenOf(ctx, context)}
    values=${values}
    problem=${problem}
    timeZones=${['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]}
    passwordMinLength=${PASSWORD_MIN_LENGTH}
  />`;
  renderPage(ctx, view, problem ? 400 : 200);
}

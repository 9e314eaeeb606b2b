import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';

import { recordForPerson } from '../../activity/record-for-person.ts';
import type { Context } from '../../context.ts';
import { findPersonByPassword } from '../../teams/people.ts';
import { signOut } from '../../teams/sessions.ts';
import { formField } from '../form-body.ts';
import { pickWords } from '../language.ts';
import { safeReturnTo } from '../return-to.ts';
import { clearSessionCookie, readSessionToken, sessionOf } from '../session.ts';
import { showSignIn } from '../show-sign-in.ts';
import { noteFailedSignIn, sayTooManyTries, startSession } from '../sign-in-session.ts';
import type { SignInLimits } from '../sign-in-limits.ts';

export function addSignInPages(router: Router, context: Context, limits: SignInLimits): void {
  router.get('/sign-in', async (ctx) => {
    const returnTo = safeReturnTo(queryValue(ctx, 'return_to'), context.publicUrl);
    if (sessionOf(ctx)) ctx.redirect(returnTo);
    else await showSignIn(ctx, context, { returnTo });
  });

  router.post('/sign-in', (ctx) => trySignIn(ctx, context, limits));

  router.post('/sign-out', async (ctx) => {
    const token = readSessionToken(ctx, context);
    const session = sessionOf(ctx);
    if (token) await signOut(context, token);
    if (session) {
      const { personId } = session;
      await recordForPerson(context, {
        personId,
        action: 'person.signed_out',
        result: 'ok',
        address: ctx.ip,
      });
    }
    clearSessionCookie(ctx, context);
    const returnTo = safeReturnTo(formField(ctx, 'return_to'), context.publicUrl);
    ctx.status = 303;
    ctx.redirect(returnTo === '/' ? '/sign-in' : returnTo);
  });
}

async function trySignIn(ctx: RouterContext, context: Context, limits: SignInLimits): Promise<void> {
  const email = formField(ctx, 'email');
  const password = formField(ctx, 'password');
  const returnTo = safeReturnTo(formField(ctx, 'return_to'), context.publicUrl);
  const waitSeconds = await limits.countTry({ email, address: ctx.ip });
  if (waitSeconds !== null) {
    const problem = sayTooManyTries(ctx, waitSeconds, pickWords(ctx));
    await showSignIn(ctx, context, { returnTo, email, problem, status: 429 });
    return;
  }
  const person = await findPersonByPassword(context, { email, password });
  if (!person) {
    noteFailedSignIn(ctx, context, { email });
    // One sentence for an unknown address, a wrong password and a disabled account.
    const problem = pickWords(ctx).signIn.wrong;
    await showSignIn(ctx, context, { returnTo, email, problem, status: 401 });
    return;
  }
  await limits.forgiveTry({ email, address: ctx.ip });
  await startSession(ctx, context, { personId: person.personId, by: 'password' });
  ctx.status = 303;
  ctx.redirect(returnTo);
}

export function queryValue(ctx: RouterContext, name: string): string | undefined {
  const value = ctx.query[name];
  return typeof value === 'string' ? value : undefined;
}

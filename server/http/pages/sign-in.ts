import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';

import { html } from '../../../views/html.ts';
import { SignInView } from '../../../views/sign-in.ts';
import type { Context } from '../../context.ts';
import { hasOwner } from '../../teams/first-owner.ts';
import { findPersonByPassword } from '../../teams/people.ts';
import { signIn, signOut } from '../../teams/sessions.ts';
import { csrfTokenOf } from '../csrf.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { safeReturnTo } from '../return-to.ts';
import { clearSessionCookie, readSessionToken, sessionOf, setSessionCookie } from '../session.ts';
import { createSignInLimits, type SignInLimits } from '../sign-in-limits.ts';

// One sentence for an unknown address, a wrong password and a disabled account.
const WRONG = 'The email or the password is not right.';

export function addSignInPages(router: Router, context: Context): void {
  const limits = createSignInLimits(context);

  router.get('/sign-in', async (ctx) => {
    const returnTo = safeReturnTo(queryValue(ctx, 'return_to'), context.publicUrl);
    if (sessionOf(ctx)) ctx.redirect(returnTo);
    else await showSignIn(ctx, context, { returnTo });
  });

  router.post('/sign-in', (ctx) => trySignIn(ctx, context, limits));

  router.post('/sign-out', async (ctx) => {
    const token = readSessionToken(ctx, context);
    if (token) await signOut(context, token);
    clearSessionCookie(ctx, context);
    ctx.status = 303;
    ctx.redirect('/sign-in');
  });
}

async function trySignIn(ctx: RouterContext, context: Context, limits: SignInLimits): Promise<void> {
  const email = formField(ctx, 'email');
  const password = formField(ctx, 'password');
  const returnTo = safeReturnTo(formField(ctx, 'return_to'), context.publicUrl);
  const waitSeconds = await limits.countTry({ email, address: ctx.ip });
  if (waitSeconds !== null) {
    ctx.set('Retry-After', String(waitSeconds));
    const minutes = Math.ceil(waitSeconds / 60);
    const problem = `Too many tries. Wait ${minutes === 1 ? 'a minute' : `${minutes} minutes`} and try again.`;
    await showSignIn(ctx, context, { returnTo, email, problem, status: 429 });
    return;
  }
  const person = await findPersonByPassword(context, { email, password });
  if (!person) {
    await showSignIn(ctx, context, { returnTo, email, problem: WRONG, status: 401 });
    return;
  }
  await limits.forgiveTry({ email, address: ctx.ip });
  await startSession(ctx, context, person.personId);
  ctx.status = 303;
  ctx.redirect(returnTo);
}

/** Signs the browser in under a new session; whatever it had before ends. */
export async function startSession(ctx: RouterContext, context: Context, personId: string): Promise<void> {
  const { token } = await signIn(context, { personId, previousToken: readSessionToken(ctx, context) });
  setSessionCookie(ctx, context, token);
}

interface SignInState {
  returnTo: string;
  email?: string;
  problem?: string;
  status?: number;
}

async function showSignIn(ctx: RouterContext, context: Context, { status = 200, ...state }: SignInState) {
  const isOwnerMissing = !(await hasOwner(context));
  const csrfToken = csrfTokenOf(ctx, context);
  renderPage(
    ctx,
    html`<${SignInView} ...${state} isOwnerMissing=${isOwnerMissing} csrfToken=${csrfToken} />`,
    status,
  );
}

function queryValue(ctx: RouterContext, name: string): string | undefined {
  const value = ctx.query[name];
  return typeof value === 'string' ? value : undefined;
}

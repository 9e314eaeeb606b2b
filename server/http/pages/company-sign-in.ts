import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';

import { CompanyRefusedView, LinkCompanyView } from '../../../views/company-sign-in.ts';
import { html } from '../../../views/html.ts';
import { recordForPerson } from '../../activity/record-for-person.ts';
import type { Context } from '../../context.ts';
import { isAppError } from '../../errors.ts';
import { ATTEMPT_MINUTES, beginCompanyAttempt, takeCompanyAttempt } from '../../teams/company-attempts.ts';
import { findVouchedAccount, linkByPassword } from '../../teams/company-link.ts';
import { CALLBACK_PATH, createCompanyProvider, type CompanyProvider } from '../../teams/company-provider.ts';
import { enterByCompany, type CompanyEntry, type CompanyRefusal } from '../../teams/enter-by-company.ts';
import { newToken, TOKEN } from '../../token.ts';
import { readCookie, setCookie } from '../cookies.ts';
import { csrfTokenOf } from '../csrf.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { safeReturnTo } from '../return-to.ts';
import { showSignIn } from '../show-sign-in.ts';
import type { SignInLimits } from '../sign-in-limits.ts';
import { noteFailedSignIn, sayTooManyTries, startSession } from '../sign-in-session.ts';

import { queryValue } from './sign-in.ts';

const BROWSER_COOKIE = 'grantcast_company';

/** Only where the settings name a provider. */
export function addCompanySignInPages(router: Router, context: Context, limits: SignInLimits): void {
  const settings = context.config.company;
  if (!settings) return;
  const provider = createCompanyProvider(context, settings);

  router.get('/sign-in/company', (ctx) => leaveForProvider(ctx, context, { provider, limits }));

  router.get(CALLBACK_PATH, (ctx) => comeBack(ctx, context, provider));

  router.get('/sign-in/company/link', async (ctx) => {
    const state = queryValue(ctx, 'state') ?? '';
    await orSignIn(ctx, context, '/', async () => {
      const { email } = await findVouchedAccount(context, {
        browserToken: browserToken(ctx, context),
        state,
      });
      showLink(ctx, context, { state, email });
    });
  });

  router.post('/sign-in/company/link', (ctx) => tryLink(ctx, context, limits));
}

async function leaveForProvider(
  ctx: RouterContext,
  context: Context,
  { provider, limits }: { provider: CompanyProvider; limits: SignInLimits },
): Promise<void> {
  const invitation = queryValue(ctx, 'invitation') ?? '';
  const invitationToken = TOKEN.test(invitation) ? invitation : undefined;
  const returnTo = invitationToken
    ? `/invitation/${invitationToken}`
    : safeReturnTo(queryValue(ctx, 'return_to'), context.publicUrl);
  const waitSeconds = await limits.countCompanyBegin(ctx.ip);
  if (waitSeconds !== null) {
    const problem = sayTooManyTries(ctx, waitSeconds);
    return showSignIn(ctx, context, { returnTo, problem, status: 429 });
  }
  await orSignIn(ctx, context, returnTo, async () => {
    // The same for every tab of a browser, so that two sign-ins side by side both end well.
    const token = browserToken(ctx, context) ?? newToken();
    const attempt = await beginCompanyAttempt(context, { browserToken: token, returnTo, invitationToken });
    const url = await provider.authorizationUrl(attempt);
    setCookie(ctx, context, { name: BROWSER_COOKIE, value: token, maxAgeSeconds: 2 * ATTEMPT_MINUTES * 60 });
    ctx.status = 303;
    ctx.redirect(url.href);
  });
}

async function comeBack(ctx: RouterContext, context: Context, provider: CompanyProvider): Promise<void> {
  await orSignIn(ctx, context, '/', async () => {
    const state = queryValue(ctx, 'state') ?? '';
    const attempt = await takeCompanyAttempt(context, { browserToken: browserToken(ctx, context), state });
    await orSignIn(ctx, context, attempt.returnTo, async () => {
      const identity = await provider.redeem(ctx.search, attempt);
      const entry = await enterByCompany(context, identity, attempt);
      await answerEntry(ctx, context, { entry, state, returnTo: attempt.returnTo });
    });
  });
}

async function answerEntry(
  ctx: RouterContext,
  context: Context,
  { entry, state, returnTo }: { entry: CompanyEntry; state: string; returnTo: string },
): Promise<void> {
  if (entry.kind === 'refused') {
    const { title, message } = REFUSALS[entry.reason];
    renderPage(
      ctx,
      html`<${CompanyRefusedView} title=${title} message=${message} email=${entry.email} />`,
      403,
    );
    return;
  }
  ctx.status = 303;
  if (entry.kind === 'password') {
    ctx.redirect(`/sign-in/company/link?state=${encodeURIComponent(state)}`);
    return;
  }
  await startSession(ctx, context, { personId: entry.personId, by: 'company' });
  ctx.redirect(entry.isNew ? '/?done=joined' : returnTo);
}

async function tryLink(ctx: RouterContext, context: Context, limits: SignInLimits): Promise<void> {
  const state = formField(ctx, 'state');
  const key = { browserToken: browserToken(ctx, context), state };
  await orSignIn(ctx, context, '/', async () => {
    const { email, personId, returnTo, issuer } = await findVouchedAccount(context, key);
    const address = ctx.ip;
    const waitSeconds = await limits.countTry({ email, address });
    if (waitSeconds !== null) {
      showLink(ctx, context, { state, email, problem: sayTooManyTries(ctx, waitSeconds), status: 429 });
      return;
    }
    if (!(await linkByPassword(context, { ...key, password: formField(ctx, 'password') }))) {
      noteFailedSignIn(ctx, context, { personId });
      showLink(ctx, context, { state, email, problem: 'The password is not right.', status: 401 });
      return;
    }
    await limits.forgiveTry({ email, address });
    const linked = { action: 'company_account.linked', result: 'ok', detail: { issuer, email } };
    await recordForPerson(context, { personId, address, ...linked });
    await startSession(ctx, context, { personId, by: 'company' });
    ctx.status = 303;
    ctx.redirect(returnTo);
  });
}

function showLink(
  ctx: RouterContext,
  context: Context,
  { status = 200, ...shown }: { state: string; email: string; problem?: string; status?: number },
): void {
  const csrfToken = csrfTokenOf(ctx, context);
  const label = context.config.company!.label;
  renderPage(ctx, html`<${LinkCompanyView} ...${shown} label=${label} csrfToken=${csrfToken} />`, status);
}

/** What does not work is said on the sign-in page, where the password still does. */
async function orSignIn(
  ctx: RouterContext,
  context: Context,
  returnTo: string,
  step: () => Promise<void>,
): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!isAppError(error, 'NotAllowed', 'Unavailable')) throw error;
    const status = error.kind === 'Unavailable' ? 503 : 401;
    await showSignIn(ctx, context, { returnTo, problem: error.message, status });
  }
}

function browserToken(ctx: RouterContext, context: Context): string | undefined {
  const token = readCookie(ctx, context, BROWSER_COOKIE);
  return token && TOKEN.test(token) ? token : undefined;
}

const REFUSALS: Readonly<Record<CompanyRefusal, { title: string; message: string }>> = {
  not_invited: {
    title: 'Ask an owner to invite you',
    message:
      'Nobody here has this address. An owner of a team invites it on the page People; if you were invited already, open the link of the invitation and continue from there.',
  },
  other_account: {
    title: 'Another company account is linked',
    message:
      'The account of this address is entered with another company account. Sign in with that one, and set a password there to link this one too.',
  },
  disabled: { title: 'Your account is switched off', message: 'Ask the operator of this server.' },
  no_email: {
    title: 'Your address is missing',
    message:
      'The company sign-in did not tell an email address that can be used here. Tell the operator: the scope email may be missing.',
  },
  unverified: {
    title: 'Your address is not verified',
    message:
      'The company sign-in does not say that this address is verified, and without that it counts for nothing here. Verify it there, or tell the operator: OIDC_TRUST_EMAIL is for providers that never say it.',
  },
  domain: {
    title: 'This address cannot be used here',
    message:
      'Only addresses of certain domains may come in with the company sign-in. Ask an owner or the operator.',
  },
};

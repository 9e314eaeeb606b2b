import type Router from '@koa/router';

import { AccountPage } from '../../../views/account-page.ts';
import { html } from '../../../views/html.ts';
import { recordForPerson } from '../../activity/record-for-person.ts';
import type { Context } from '../../context.ts';
import { type AppError, isAppError, notAllowed } from '../../errors.ts';
import { changePassword, readPasswordState } from '../../teams/change-password.ts';
import { listLinkedAccounts, unlinkIdentity } from '../../teams/external-identities.ts';
import { PASSWORD_MIN_LENGTH } from '../../teams/passwords.ts';
import { readDoneNotice, redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import type { SignInLimits } from '../sign-in-limits.ts';
import { sayTooManyTries } from '../sign-in-session.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

/** The person's own account: their password and their company account. */
export function addAccountPages(router: Router, context: Context, limits: SignInLimits): void {
  router.get(
    '/account',
    signedIn(context, (page) => showAccount(page)),
  );

  router.post(
    '/account/password',
    signedIn(
      context,
      (page) =>
        orShowProblem(page, async ({ ctx, session }) => {
          await countTry(page, limits);
          await changePassword(context, session, {
            current: formField(ctx, 'current'),
            password: formField(ctx, 'password'),
            address: ctx.ip,
          });
          await limits.forgiveTry({ email: session.email, address: ctx.ip });
          redirectDone(ctx, '/account', 'password_changed');
        }),
      'person',
    ),
  );

  router.post(
    '/account/unlink',
    signedIn(
      context,
      (page) =>
        orShowProblem(page, async ({ ctx, session: { personId, email } }) => {
          await countTry(page, limits);
          const [issuer, subject] = [formField(ctx, 'issuer'), formField(ctx, 'subject')];
          await unlinkIdentity(context, {
            personId,
            issuer,
            subject,
            password: formField(ctx, 'unlinkPassword'),
          });
          const address = ctx.ip;
          await limits.forgiveTry({ email, address });
          const unlinked = { action: 'company_account.unlinked', result: 'ok', detail: { issuer } };
          await recordForPerson(context, { personId, address, ...unlinked });
          redirectDone(ctx, '/account', 'company_unlinked');
        }),
      'person',
    ),
  );
}

/** Guessing the password here is limited as it is on the sign-in page, and counts with it. */
async function countTry({ ctx, session }: SignedInPage, limits: SignInLimits): Promise<void> {
  const waitSeconds = await limits.countTry({ email: session.email, address: ctx.ip });
  if (waitSeconds === null) return;
  throw notAllowed({ code: 'too_many_tries', message: sayTooManyTries(ctx, waitSeconds) });
}

async function orShowProblem(page: SignedInPage, step: (page: SignedInPage) => Promise<void>): Promise<void> {
  try {
    await step(page);
  } catch (error) {
    if (!isAppError(error, 'InvalidInput', 'NotAllowed')) throw error;
    await showAccount(page, error);
  }
}

async function showAccount(page: SignedInPage, error?: AppError): Promise<void> {
  const { ctx, context, session, viewer, team } = page;
  const [state, linked] = await Promise.all([
    readPasswordState(context, session),
    listLinkedAccounts(context, session.personId),
  ]);
  const { company } = context.config;
  const view = html`<${AccountPage}
    viewer=${viewer}
    timeZone=${team.timeZone}
    done=${readDoneNotice(ctx)}
    problem=${error && { field: error.details.field, message: error.message }}
    ...${state}
    passwordMinLength=${PASSWORD_MIN_LENGTH}
    linked=${linked}
    company=${company && { label: company.label }}
  />`;
  renderPage(ctx, view, error ? statusOf(error) : 200);
}

function statusOf({ kind, details }: AppError): number {
  if (details.code === 'too_many_tries') return 429;
  return kind === 'NotAllowed' ? 403 : 400;
}

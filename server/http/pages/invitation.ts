import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';

import { html } from '../../../views/html.ts';
import { InvitationView } from '../../../views/invitation.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { acceptAsMember, acceptAsNewPerson, openInvitation } from '../../teams/accept-invitation.ts';
import { PASSWORD_MIN_LENGTH } from '../../teams/passwords.ts';
import { csrfTokenOf } from '../csrf.ts';
import { redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { sessionOf } from '../session.ts';
import { companyButton } from '../show-sign-in.ts';
import { rememberTeam } from '../signed-in.ts';
import { startSession } from '../sign-in-session.ts';

/**
 * An invitation's link. The page is the same whether the address has an account or not; only somebody who holds the link
 * and is, or becomes, the person of that address gets in.
 */
export function addInvitationPages(router: Router, context: Context): void {
  router.get('/invitation/:token', (ctx) => showInvitation(ctx, context, {}));

  router.post('/invitation/:token', async (ctx) => {
    const token = tokenOf(ctx);
    const session = sessionOf(ctx);
    if (session) {
      const { teamId } = await acceptAsMember(context, { token, personId: session.personId });
      rememberTeam(ctx, context, teamId);
      return redirectDone(ctx, '/', 'joined');
    }
    const name = formField(ctx, 'name');
    try {
      const input = { token, name, password: formField(ctx, 'password') };
      const { personId, teamId } = await acceptAsNewPerson(context, input);
      await startSession(ctx, context, { personId, by: 'invitation' });
      rememberTeam(ctx, context, teamId);
      redirectDone(ctx, '/', 'joined');
    } catch (error) {
      if (!(error instanceof AppError) || error.kind === 'NotFound') throw error;
      await showInvitation(ctx, context, { name, error });
    }
  });
}

async function showInvitation(
  ctx: RouterContext,
  context: Context,
  { name = '', error }: { name?: string; error?: AppError },
): Promise<void> {
  const token = tokenOf(ctx);
  const invitation = await openInvitation(context, token);
  const session = sessionOf(ctx);
  const view = html`<${InvitationView}
    ...${invitation}
    csrfToken=${csrfTokenOf(ctx, context)}
    path=${`/invitation/${token}`}
    signedInAs=${session && { name: session.name, email: session.email }}
    company=${companyButton(context, { invitation: token })}
    passwordMinLength=${PASSWORD_MIN_LENGTH}
    name=${name}
    problem=${error && { field: error.details.field, message: error.message }}
  />`;
  renderPage(ctx, view, error ? (error.kind === 'Conflict' ? 409 : 400) : 200);
}

function tokenOf(ctx: RouterContext): string {
  return String(ctx.params['token']);
}

import type Router from '@koa/router';

import { html } from '../../../views/html.ts';
import { PeopleView, type PeopleViewProps } from '../../../views/people.ts';
import { RemoveMemberView } from '../../../views/remove-member.ts';
import type { Context } from '../../context.ts';
import { isAppError } from '../../errors.ts';
import { revokeConnectionsOf } from '../../oauth/connections.ts';
import { changeRole, removeMember } from '../../teams/change-member.ts';
import { invitePerson, listInvitations, takeBackInvitation } from '../../teams/invitations.ts';
import { assertOwner, findLeaving, listMembers } from '../../teams/members.ts';
import { readDoneNotice, redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { cursorOf, pagerOf } from '../paging-links.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

/** The members of the team; owners invite, change roles and remove, the others look. */
export function addPeoplePages(router: Router, context: Context): void {
  router.get(
    '/people',
    signedIn(context, (page) => showPeople(page, {})),
  );

  router.post('/people/invitations', signedIn(context, invite));

  router.post(
    '/people/invitations/:id/take-back',
    signedIn(context, async ({ ctx, caller, id }) => {
      await takeBackInvitation(context, caller, id);
      redirectDone(ctx, '/people', 'invitation_taken_back');
    }),
  );

  router.post(
    '/people/:id/role',
    signedIn(context, async ({ ctx, caller, id }) => {
      await changeRole(context, caller, { personId: id, role: formField(ctx, 'role') });
      redirectDone(ctx, '/people', 'role_changed');
    }),
  );

  router.get(
    '/people/:id/remove',
    signedIn(context, async ({ ctx, caller, viewer, id }) => {
      assertOwner(caller);
      const member = await findLeaving(context, caller, id);
      const isSelf = id === caller.personId;
      renderPage(ctx, html`<${RemoveMemberView} viewer=${viewer} member=${member} isSelf=${isSelf} />`);
    }),
  );

  router.post(
    '/people/:id/remove',
    signedIn(context, async ({ ctx, caller, id }) => {
      await removeMember(context, caller, id);
      await revokeConnectionsOf(context, caller, id);
      redirectDone(ctx, id === caller.personId ? '/' : '/people', 'member_removed');
    }),
  );
}

async function invite(page: SignedInPage): Promise<void> {
  const { ctx, context, caller } = page;
  const values = { email: formField(ctx, 'email'), role: formField(ctx, 'role') };
  try {
    // Shown by the answer itself: the link is nowhere to be read again.
    const invited = await invitePerson(context, caller, values);
    await showPeople(page, { invited });
  } catch (error) {
    if (!isAppError(error, 'Conflict', 'InvalidInput')) throw error;
    const problem = { field: error.details.field, message: error.message };
    await showPeople(page, { values, problem }, error.kind === 'Conflict' ? 409 : 400);
  }
}

async function showPeople(
  { ctx, context, caller, viewer, team }: SignedInPage,
  extra: Pick<PeopleViewProps, 'invited' | 'values' | 'problem'>,
  status = 200,
): Promise<void> {
  const [members, invitations] = await Promise.all([
    listMembers(context, caller, { cursor: cursorOf(ctx) }),
    caller.role === 'owner' ? listInvitations(context, caller) : [],
  ]);
  const view = html`<${PeopleView}
    viewer=${viewer}
    timeZone=${team.timeZone}
    done=${readDoneNotice(ctx)}
    members=${members.items}
    invitations=${invitations}
    role=${caller.role}
    personId=${caller.personId}
    ...${extra}
    ...${pagerOf(ctx, '/people', members)}
  />`;
  renderPage(ctx, view, status);
}

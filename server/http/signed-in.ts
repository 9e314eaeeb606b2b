import type { RouterContext } from '@koa/router';
import type { Middleware } from 'koa';

import { html } from '../../views/html.ts';
import type { Viewer } from '../../views/layout.ts';
import { NoTeamView } from '../../views/no-team.ts';
import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notAllowed, notFound } from '../errors.ts';
import { findTeamOf, type TeamOwned } from '../teams/find-team-of.ts';
import type { Session, SessionTeam } from '../teams/sessions.ts';

import { readCookie, setCookie } from './cookies.ts';
import { csrfTokenOf } from './csrf.ts';
import { formField } from './form-body.ts';
import { renderPage } from './render.ts';
import { sessionOf } from './session.ts';

const TEAM_COOKIE = 'grantcast_team';
const TEAM_SECONDS = 365 * 86_400;

/** What every page behind the sign-in works with. */
export interface SignedInPage {
  ctx: RouterContext;
  context: Context;
  session: Session;
  team: SessionTeam;
  caller: PersonCaller;
  viewer: Viewer;
  /** `:id` of the route, where it has one. */
  id: string;
}

/**
 * A page for signed-in people; others are sent to sign in and come back. With `about`, the team is that of the thing
 * named by `:id`, or the one that the form names; a page is of the one that was looked at last. With `person`, it is about
 * who asks, and of no team.
 */
export function signedIn(
  context: Context,
  handle: (page: SignedInPage) => Promise<void>,
  about?: TeamOwned | 'person',
): Middleware {
  return async function openPage(koaCtx) {
    const ctx = koaCtx as unknown as RouterContext;
    const session = sessionOf(ctx);
    if (!session) {
      const back = ctx.method === 'GET' ? `?return_to=${encodeURIComponent(ctx.originalUrl)}` : '';
      ctx.status = 303;
      ctx.redirect(`/sign-in${back}`);
      return;
    }
    // Only here, never on sign-in or consent: a client that opened those in a popup would lose its window.
    ctx.set('Cross-Origin-Opener-Policy', 'same-origin');
    const id = ctx.params['id'] ?? '';
    if (session.teams.length === 0) {
      const csrfToken = csrfTokenOf(ctx, context);
      renderPage(ctx, html`<${NoTeamView} email=${session.email} csrfToken=${csrfToken} />`, 403);
      return;
    }
    const team = await chooseTeam(ctx, context, session, { about, id });
    await handle({
      ctx,
      context,
      session,
      team,
      caller: {
        kind: 'person',
        teamId: team.id,
        personId: session.personId,
        role: team.role,
        address: ctx.ip,
      },
      viewer: {
        personName: session.name,
        email: session.email,
        team,
        teams: session.teams,
        csrfToken: csrfTokenOf(ctx, context),
      },
      id,
    });
  };
}

/** Remembers the team for the pages that follow. It is a preference: membership is checked each time. */
export function rememberTeam(ctx: RouterContext, context: Context, teamId: string): void {
  setCookie(ctx, context, { name: TEAM_COOKIE, value: teamId, maxAgeSeconds: TEAM_SECONDS });
}

async function chooseTeam(
  ctx: RouterContext,
  context: Context,
  session: Session,
  { about, id }: { about: TeamOwned | 'person' | undefined; id: string },
): Promise<SessionTeam> {
  const remembered = session.teams.find((team) => team.id === readCookie(ctx, context, TEAM_COOKIE));
  const isOfTeam = about !== undefined && about !== 'person';
  if (!isOfTeam && (ctx.method !== 'POST' || about === 'person')) return remembered ?? session.teams[0]!;
  const team = isOfTeam
    ? await findMyTeamOf(context, session, { kind: about, id })
    : readNamedTeam(ctx, session);
  // What comes next is shown in it too: another tab may have looked at another team since. A page that a script only reads
  // anew (Fetch Metadata) is no look of the person.
  const isLook = ctx.get('Sec-Fetch-Dest') !== 'empty';
  if (isLook && team.id !== remembered?.id && session.teams.length > 1) rememberTeam(ctx, context, team.id);
  return team;
}

/** Which team was looked at last says nothing about a form that was opened before. */
function readNamedTeam(ctx: RouterContext, { teams }: Session): SessionTeam {
  const named = formField(ctx, 'team');
  if (!named && teams.length === 1) return teams[0]!;
  if (!named) {
    throw notAllowed({
      code: 'team_not_named',
      message:
        'You are in several teams, and this form does not say for which of them it is. Go back, reload the page and send it again.',
    });
  }
  const team = teams.find(({ id }) => id === named);
  if (team) return team;
  throw notAllowed({ code: 'not_a_member', message: 'You are not a member of this team.' });
}

async function findMyTeamOf(
  context: Context,
  session: Session,
  thing: { kind: TeamOwned; id: string },
): Promise<SessionTeam> {
  const teamId = await findTeamOf(context, session.personId, thing);
  const team = session.teams.find(({ id }) => id === teamId);
  if (!team) {
    throw notFound({
      code: 'not_found',
      message: 'This does not exist, or it belongs to a team that you are not a member of.',
    });
  }
  return team;
}

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
 * named by `:id`; a form may name its team; else it is the one that was looked at last.
 */
export function signedIn(
  context: Context,
  handle: (page: SignedInPage) => Promise<void>,
  about?: TeamOwned,
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
    const team = await chooseTeam(ctx, context, session, about && { kind: about, id });
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
  thing: { kind: TeamOwned; id: string } | undefined,
): Promise<SessionTeam> {
  const remembered = session.teams.find((team) => team.id === readCookie(ctx, context, TEAM_COOKIE));
  if (thing) return chooseTeamOf(ctx, context, session, thing, remembered);
  const named = formField(ctx, 'team');
  if (!named) return remembered ?? session.teams[0]!;
  const team = session.teams.find(({ id }) => id === named);
  if (team) return team;
  throw notAllowed({ code: 'not_a_member', message: 'You are not a member of this team.' });
}

async function chooseTeamOf(
  ctx: RouterContext,
  context: Context,
  session: Session,
  thing: { kind: TeamOwned; id: string },
  remembered: SessionTeam | undefined,
): Promise<SessionTeam> {
  const teamId = await findTeamOf(context, session.personId, thing);
  const team = session.teams.find(({ id }) => id === teamId);
  if (!team) {
    throw notFound({
      code: 'not_found',
      message: 'This does not exist, or it belongs to a team that you are not a member of.',
    });
  }
  if (team.id !== remembered?.id && session.teams.length > 1) rememberTeam(ctx, context, team.id);
  return team;
}

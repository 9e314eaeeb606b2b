import type { Context as KoaContext } from 'koa';

/** A taste, and no secret: the teams whose first steps this browser no longer shows. */
const COOKIE = 'grantcast_first_steps_away';
const COOKIE_SECONDS = 365 * 86_400;
const MOST_TEAMS = 20;

export function areFirstStepsAway(ctx: KoaContext, teamId: string): boolean {
  return readTeams(ctx).includes(teamId);
}

export function putFirstStepsAway(ctx: KoaContext, teamId: string, isAway: boolean): void {
  const others = readTeams(ctx).filter((id) => id !== teamId);
  const teams = (isAway ? [teamId, ...others] : others).slice(0, MOST_TEAMS);
  ctx.append(
    'Set-Cookie',
    `${COOKIE}=${teams.join('.')}; Path=/; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Lax`,
  );
}

function readTeams(ctx: KoaContext): string[] {
  const value = ctx.cookies.get(COOKIE, { signed: false }) ?? '';
  return value.split('.').filter((id) => /^[a-z]+_[0-9a-f]{32}$/.test(id));
}

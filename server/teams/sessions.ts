import type { Context } from '../context.ts';
import type { Role } from '../scopes.ts';
import { hashToken, newToken } from '../token.ts';

/** Ends after this long without a page being asked for. */
export const SESSION_IDLE_DAYS = 14;
/** Ends after this long in any case. */
export const SESSION_MAX_DAYS = 30;

export interface SessionTeam {
  id: string;
  name: string;
  role: Role;
  /** IANA name. */
  timeZone: string;
}

/** A signed-in browser. */
export interface Session {
  /** What the cookie holds. */
  token: string;
  personId: string;
  name: string;
  email: string;
  /** By name; may be empty. */
  teams: readonly SessionTeam[];
}

/** Starts a session under a new token; the one before it, if any, ends, so that a planted cookie is worth nothing. */
export async function signIn(
  context: Context,
  input: { personId: string; previousToken?: string | undefined },
): Promise<{ token: string }> {
  const token = newToken();
  await context.db.$transaction(async (tx) => {
    if (input.previousToken)
      await tx.browserSession.deleteMany({ where: { tokenHash: hashToken(input.previousToken) } });
    await tx.$executeRaw`
      insert into browser_session (token_hash, person_id, created_at, last_used_at, expires_at)
      values (${hashToken(token)}, ${input.personId}, clock_timestamp(), clock_timestamp(),
              clock_timestamp() + make_interval(days => ${SESSION_MAX_DAYS}::int))`;
  });
  return { token };
}

export async function signOut(context: Context, token: string): Promise<void> {
  await context.db.browserSession.deleteMany({ where: { tokenHash: hashToken(token) } });
}

/** @returns null when the token is unknown or expired, or the person was disabled. Notes the use at most once in five minutes. */
export async function findSession(context: Context, cookieToken: string): Promise<Session | null> {
  const tokenHash = hashToken(cookieToken);
  const [row] = await context.db.$queryRaw<SessionRow[]>`
    select p.id as "personId", p.name, p.email,
      s.last_used_at < clock_timestamp() - interval '5 minutes' as "isUseToBeNoted",
      coalesce((
        select json_agg(json_build_object('id', t.id, 'name', t.name, 'role', m.role, 'timeZone', t.time_zone)
                        order by t.name, t.id)
        from membership m join team t on t.id = m.team_id where m.person_id = p.id), '[]') as teams
    from browser_session s join person p on p.id = s.person_id
    where s.token_hash = ${tokenHash} and p.disabled_at is null
      and s.expires_at > clock_timestamp()
      and s.last_used_at > clock_timestamp() - make_interval(days => ${SESSION_IDLE_DAYS}::int)`;
  if (!row) return null;
  const { isUseToBeNoted, ...session } = row;
  if (isUseToBeNoted) {
    await context.db.$executeRaw`
      update browser_session set last_used_at = clock_timestamp() where token_hash = ${tokenHash}`;
  }
  return { token: cookieToken, ...session };
}

/** Whether a session is still good and its person a member of the team; looking is no use of it. */
export async function holdsMembership(
  context: Context,
  cookieToken: string,
  teamId: string,
): Promise<boolean> {
  const rows = await context.db.$queryRaw<unknown[]>`
    select 1 from browser_session s join person p on p.id = s.person_id
    join membership m on m.person_id = p.id and m.team_id = ${teamId}
    where s.token_hash = ${hashToken(cookieToken)} and p.disabled_at is null
      and s.expires_at > clock_timestamp()
      and s.last_used_at > clock_timestamp() - make_interval(days => ${SESSION_IDLE_DAYS}::int)`;
  return rows.length > 0;
}

type SessionRow = Omit<Session, 'token'> & { isUseToBeNoted: boolean };

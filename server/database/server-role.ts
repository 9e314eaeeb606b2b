import type pg from 'pg';

/** The tables that the running server may add to, and nothing else. */
const APPEND_ONLY = ['activity', 'activity_digest'];
/** insufficient_privilege; duplicate_object: the name is taken by another kind of role. */
const NOT_MADE = new Set(['42501', '42710']);

/**
 * The role that the server's connections act as: it may work with rows, but change no table, and neither change nor remove
 * what the audit record holds. It is named after the owner of the tables and cannot sign in. Its rights are granted anew
 * each time, because new migrations bring new tables.
 * @param client connected as the owner, inside the migration lock
 * @param loginName whom the server signs in as
 * @returns null, or a line for the person who runs the server: the user may not make roles
 */
export async function ensureServerRole(
  client: pg.PoolClient,
  loginName: string | undefined,
): Promise<string | null> {
  const { rows } = await client.query<RoleNames>(
    `select current_user as owner, coalesce($1, current_user) as login, current_database() as database,
       ${roleNameOf('current_user')} as role,
       exists (select from pg_roles where rolname = ${roleNameOf('current_user')}
         and not rolcanlogin and not rolsuper
         and pg_has_role(coalesce($1, current_user)::name, oid, 'MEMBER')) as "isMember"`,
    [loginName],
  );
  const names = rows[0]!;
  const role = client.escapeIdentifier(names.role);
  const login = client.escapeIdentifier(names.login);
  await client.query('begin');
  try {
    if (!names.isMember) await makeRole(client, names);
    await client.query(
      `grant usage on schema public to ${role};
       grant select, insert, update, delete on all tables in schema public to ${role};
       revoke all on _prisma_migrations from ${role};
       revoke update, delete on ${APPEND_ONLY.join(', ')} from ${role};`,
    );
    if (names.login !== names.owner) {
      // For the schema that the queue makes for itself.
      const database = client.escapeIdentifier(names.database);
      await client.query(`grant create on database ${database} to ${login}`);
    }
    await client.query('commit');
    return null;
  } catch (error) {
    await client.query('rollback');
    if (!NOT_MADE.has((error as { code?: string }).code ?? '')) throw error;
    return `The server's database user could change the activity record by hand, for it may not make a role without that right. An administrator of the database runs once: CREATE ROLE ${role} NOLOGIN; GRANT ${role} TO ${login};`;
  }
}

interface RoleNames {
  owner: string;
  /** Whom the server signs in as. */
  login: string;
  database: string;
  role: string;
  isMember: boolean;
}

async function makeRole(client: pg.PoolClient, { role, login }: RoleNames): Promise<void> {
  const name = client.escapeIdentifier(role);
  // One that is somebody's to sign in with is not ours to use: making it fails then.
  const { rowCount } = await client.query(
    'select from pg_roles where rolname = $1 and not rolcanlogin and not rolsuper',
    [role],
  );
  if (!rowCount) await client.query(`create role ${name} nologin`);
  await client.query(`grant ${name} to ${client.escapeIdentifier(login)}`);
}

/**
 * Makes a new connection act as that role, where there is one that may add to the activity and not change it. `set role`
 * and not a start-up option, which PgBouncer refuses; like LISTEN and the locks it needs PgBouncer's session mode.
 */
export async function takeServerRole(client: pg.ClientBase): Promise<void> {
  await client.query(
    `select set_config('role', r.rolname, false)
     from pg_class c join pg_roles r on r.rolname = ${roleNameOf('pg_get_userbyid(c.relowner)')}
     where c.oid = to_regclass('public.activity') and pg_has_role(session_user, r.oid, 'MEMBER')
       and has_table_privilege(r.oid, c.oid, 'INSERT') and not has_table_privilege(r.oid, c.oid, 'UPDATE')`,
  );
}

/** In SQL: the longest name that PostgreSQL keeps has 63 bytes. */
function roleNameOf(owner: string): string {
  return `left(${owner}, 56) || '_server'`;
}

import { randomBytes } from 'node:crypto';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { connectDatabase, connectOwner } from '../../server/database/client.ts';
import { prepareDatabase } from '../../server/database/prepare-database.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { insertOneOfEach } from './support/one-of-each.ts';

type Clients = ReturnType<typeof connectDatabase>;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let server: Clients;
let owner: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  server = connectDatabase(database.url, 4, () => {});
  owner = connectOwner(database.url, 2);
  await insertOneOfEach(server.db);
});
afterAll(async () => {
  await server.db.$disconnect();
  await server.pool.end();
  await owner.end();
  await database[Symbol.asyncDispose]();
});

const REFUSED = { code: '42501' };

describe('the running server', () => {
  it('acts as its own role on every connection of the pool and of Prisma', async () => {
    const asked = Array.from({ length: 8 }, () => server.pool.query('select current_user as role'));
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ rows }) => rows[0].role))).toEqual(new Set(['grantcast_server']));
    expect(await server.db.$queryRaw`select current_user::text as role`).toEqual([
      { role: 'grantcast_server' },
    ]);
  });

  it.each([
    `update activity set result = 'forged'`,
    `update activity set result = 'forged' where false`,
    `delete from activity`,
    `truncate activity`,
    `drop table activity`,
    `alter table activity add column forged text`,
    `alter table activity disable trigger all`,
    `alter table activity owner to grantcast_server`,
    `drop trigger activity_is_append_only on activity`,
    `create or replace function refuse_change() returns trigger language plpgsql as 'begin return null; end'`,
    `create rule forged as on insert to activity do instead nothing`,
    `create trigger forged before insert on activity for each row execute function refuse_change()`,
    `alter table delivery disable trigger delivery_is_recorded`,
    `insert into activity select * from activity on conflict (id) do update set result = 'forged'`,
    `merge into activity a using activity b on a.id = b.id when matched then delete`,
    `select * from activity for update`,
    `copy activity from program 'true'`,
    `update activity_digest set row_count = 0`,
    `delete from activity_digest`,
    `truncate activity_digest`,
    `drop table activity_digest`,
    `truncate team cascade`,
    `create table public.forged (id int)`,
    `grant update on activity to grantcast_server; update activity set result = 'forged'`,
    `set session_replication_role = replica`,
    `update _prisma_migrations set checksum = ''`,
  ])('may not: %s', async (sql) => {
    await expect(server.pool.query(sql)).rejects.toMatchObject(REFUSED);
  });

  it('may not through Prisma either', async () => {
    await expect(server.db.activity.updateMany({ data: { result: 'forged' } })).rejects.toThrow(/denied/);
    await expect(server.db.activity.deleteMany()).rejects.toThrow(/denied/);
    await expect(server.db.activityDigest.deleteMany()).rejects.toThrow(/denied/);
  });

  it.each([
    ['removing the team', `delete from team`, '23001'],
    ['renaming the team', `update team set id = 'team_x'`, '42501'],
    ['removing the connection', `delete from connection`, '23503'],
    ['renaming the connection', `update connection set id = 'con_x' where id = 'con_1'`, '42501'],
  ])('cannot reach the record by %s', async (_how, sql, code) => {
    await owner.query(`insert into activity (id, team_id, actor, connection_id, action, result)
      values ('act_of_con', 'team_1', 'connection', 'con_1', 'x', 'ok') on conflict do nothing`);
    const before = await owner.query('select * from activity order by id');
    await expect(server.pool.query(`begin; ${sql}; commit`)).rejects.toMatchObject({
      code: expect.stringMatching(new RegExp(`${code}|23503`)),
    });
    await server.pool.query('rollback');
    expect((await owner.query('select * from activity order by id')).rows).toEqual(before.rows);
  });

  it('works with the rows of every other table', async () => {
    const { rows } = await owner.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
         and relname not in ('_prisma_migrations', 'activity', 'activity_digest')
         and not (has_table_privilege('grantcast_server', oid, 'SELECT, INSERT')
           and has_table_privilege('grantcast_server', oid, 'UPDATE')
           and has_table_privilege('grantcast_server', oid, 'DELETE'))`,
    );
    expect(rows).toEqual([]);
  });

  it('is as the user of the URL after RESET ROLE, where that user owns the tables: then the triggers hold', async () => {
    const client = await server.pool.connect();
    await client.query('reset role');
    for (const sql of [
      'delete from activity',
      `update activity set result = 'forged'`,
      'truncate activity, activity_digest',
    ]) {
      await expect(client.query(sql)).rejects.toThrow(/never changed or removed/);
    }
    client.release(true);
  });
});

/** A database whose owner is nobody special, in the cluster of the tests. */
async function createPlainOwner() {
  const superuser = new pg.Client({ connectionString: inject('superuserUrl') });
  await superuser.connect();
  const name = `plain_${randomBytes(4).toString('hex')}`;
  await superuser.query(`create role ${name} login password 'plain'`);
  await superuser.query(`create database ${name} owner ${name}`);
  const url = new URL(database.url);
  url.pathname = `/${name}`;
  [url.username, url.password] = [name, 'plain'];
  return {
    name,
    url,
    superuser,
    async [Symbol.asyncDispose]() {
      await superuser.query(`drop database ${name} with (force)`);
      for (const role of [`${name}_login`, `${name}_server`, name]) {
        await superuser.query(`drop role if exists ${role}`);
      }
      await superuser.end();
    },
  };
}

describe('where the user may not make roles', () => {
  it('says once what an administrator runs, and works on; the triggers hold', async () => {
    await using plain = await createPlainOwner();
    const { name, url, superuser } = plain;
    const { applied, warning } = await prepareDatabase(url.href);
    expect(applied.length).toBeGreaterThan(1);
    expect(warning).toContain(`CREATE ROLE "${name}_server" NOLOGIN; GRANT "${name}_server" TO "${name}";`);
    const before = connectDatabase(url.href, 1, () => {});
    await insertOneOfEach(before.db);
    await expect(before.pool.query('delete from activity')).rejects.toThrow(/never changed or removed/);
    await before.pool.end();

    // The line works as it stands.
    await superuser.query(warning!.slice(warning!.indexOf('CREATE ROLE')));
    expect(await prepareDatabase(url.href)).toEqual({ applied: [], warning: null });
    const after = connectDatabase(url.href, 1, () => {});
    const { rows } = await after.pool.query('select current_user as role');
    expect(rows).toEqual([{ role: `${name}_server` }]);
    await after.pool.end();
  });

  it('leaves a role alone that somebody signs in with', async () => {
    await using plain = await createPlainOwner();
    await plain.superuser.query(
      `create role ${plain.name}_server login; grant ${plain.name}_server to ${plain.name}`,
    );
    const { warning } = await prepareDatabase(plain.url.href);
    expect(warning).toContain('An administrator');
    const { pool } = connectDatabase(plain.url.href, 1, () => {});
    expect((await pool.query('select current_user as role')).rows).toEqual([{ role: plain.name }]);
    await pool.end();
  });
});

describe('where the server signs in as a user that owns nothing', () => {
  it('cannot get at the record by any change of role, and the queue makes its own schema', async () => {
    await using plain = await createPlainOwner();
    const { name, url, superuser } = plain;
    await superuser.query(
      `create role ${name}_server nologin; grant ${name}_server to ${name} with admin option`,
    );
    await superuser.query(`create role ${name}_login login password 'plain'`);
    const login = new URL(url);
    login.username = `${name}_login`;
    expect(await prepareDatabase(login.href, url.href)).toMatchObject({ warning: null });
    const { db, pool } = connectDatabase(login.href, 1, () => {});
    await insertOneOfEach(db);
    const client = await pool.connect();
    for (const role of ['reset role', 'set role none', `set role ${name}_server`]) {
      await client.query(role);
      for (const change of [
        'delete from activity',
        'alter table activity disable trigger all',
        'drop table activity',
      ]) {
        await expect(client.query(change)).rejects.toMatchObject(REFUSED);
      }
    }
    await expect(client.query(`set role ${name}`)).rejects.toMatchObject(REFUSED);
    await client.query('set role none');
    await client.query('create schema bullmq');
    client.release(true);
    await pool.end();
  });
});

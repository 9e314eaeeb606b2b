import { createHash, createPublicKey, verify } from 'node:crypto';

import { beforeEach, afterEach, describe, expect, it } from 'vitest';

import { createDaySigner, signedText } from '../../server/activity/day-signature.ts';
import { recordActivity } from '../../server/activity/record-activity.ts';
import { signFinishedDays } from '../../server/activity/sign-days.ts';
import { verifyActivity } from '../../server/activity/verify-activity.ts';
import type { Context } from '../../server/context.ts';
import { openContext } from '../../server/context.ts';
import { moveTime } from '../support/move-time.ts';
import { runAsSuperuser } from '../support/superuser.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';

let context: Context;
let owner: TestOwner;
beforeEach(async () => {
  context = await openTestContext();
  owner = await createOwner(context);
});
afterEach(() => context[Symbol.asyncDispose]());

const ALL = { from: '2000-01-01', to: '2100-01-01' };
const check = async () =>
  (await verifyActivity(context, owner.caller, ALL)).map(({ state, problem }) => problem ?? state);

/** Three finished days with rows, the last of them yesterday, all signed. */
async function liveThreeDays(): Promise<void> {
  for (const count of [2, 0, 3]) {
    for (let row = 0; row < count; row += 1) {
      const detail = { note: 'Crème brûlée\nline 2', row };
      await recordActivity(context, {
        caller: owner.caller,
        action: `act_${row}`,
        target: 'x',
        result: 'ok',
        detail,
      });
    }
    await moveTime(context, { days: 1 });
  }
  expect(await signFinishedDays(context)).toBe(3);
}

describe('signing the days', () => {
  it('signs each finished day once, empty ones too, and never today', async () => {
    await recordActivity(context, { caller: owner.caller, action: 'today', result: 'ok' });
    expect(await signFinishedDays(context)).toBe(0);
    await liveThreeDays();
    expect(await signFinishedDays(context)).toBe(0);
    const days = await context.db.activityDigest.findMany({ orderBy: { day: 'asc' } });
    expect(days.map(({ rowCount }) => rowCount)).toEqual([3, 0, 3]);
    expect(await check()).toEqual(['unchanged', 'unchanged', 'unchanged']);
  });

  it('is done by one of many processes at once, and catches up after a pause', async () => {
    await moveTime(context, { days: 40 });
    const second = await createOwner(context);
    const counts = await Promise.all([1, 2, 3, 4].map(() => signFinishedDays(context)));
    expect(counts.reduce((sum, count) => sum + count)).toBe(40);
    expect(await context.db.activityDigest.count({ where: { teamId: owner.team.id } })).toBe(40);
    expect(await context.db.activityDigest.count({ where: { teamId: second.team.id } })).toBe(0);
  });

  it('waits some minutes after midnight, for what began before it', async () => {
    const {
      rows: [clock],
    } = await context.pool.query<{ seconds: number }>(
      `select extract(epoch from clock_timestamp() - date_trunc('day', clock_timestamp(), 'UTC'))::float8 as seconds`,
    );
    // The clock cannot be set: a day that ended 4 minutes ago exists only in the first minutes of today.
    const wouldBeSigned = clock!.seconds >= 300;
    await moveTime(context, { seconds: clock!.seconds + 1 });
    expect(await signFinishedDays(context)).toBe(wouldBeSigned ? 1 : 0);
  });

  it('can be checked by anybody who has the rows and the public key', async () => {
    await liveThreeDays();
    const { publicKey } = createDaySigner(context.seal);
    const stored = await context.db.activityDigest.findMany({ orderBy: { day: 'asc' } });
    const [first] = stored;
    const rows = await context.db.$queryRaw<{ line: string }[]>`
      select jsonb_build_object('id', id, 'at', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'team', team_id, 'actor', actor, 'person', person_id, 'connection', connection_id, 'action', action,
        'target', target, 'result', result, 'rule', rule, 'address', address, 'detail', detail)::text as line
      from activity where at::date = ${first!.day}::date order by at, id`;
    const day = first!.day.toISOString().slice(0, 10);
    const text = ['grantcast-activity-1', owner.team.id, day, '', ...rows.map(({ line }) => line), ''].join(
      '\n',
    );
    const digest = createHash('sha256').update(text).digest();
    expect(Buffer.from(first!.digest)).toEqual(digest);
    const message = signedText({ ...first!, teamId: owner.team.id, day });
    expect(verify(null, message, createPublicKey(publicKey), first!.signature)).toBe(true);
  });

  it('is worth nothing under another secret', async () => {
    await liveThreeDays();
    await using other = openContext({
      config: context.config,
      publicUrl: context.publicUrl,
      databaseUrl: context.config.databaseUrl!,
      secretKey: 'another secret of at least 32 characters',
    });
    const days = await verifyActivity(other, owner.caller, ALL);
    expect(days.map(({ problem }) => problem)).toEqual(Array.from({ length: 3 }, () => 'digest_changed'));
  });
});

describe('whoever changes the record by hand', () => {
  const newest = `(select id from activity order by at desc, id desc limit 1)`;
  const day = (offset: number) => `(select day from activity_digest order by day offset ${offset} limit 1)`;

  it.each([
    ['flips a byte', `update activity set result = 'oK' where id = ${newest}`, 2, 'rows_changed'],
    [
      'moves a row by a microsecond',
      `update activity set at = at + interval '1 microsecond' where id = ${newest}`,
      2,
      'rows_changed',
    ],
    [
      'changes a detail',
      `update activity set detail = detail || '{"row": 9}' where id = ${newest}`,
      2,
      'rows_changed',
    ],
    [
      'blames somebody else',
      `update activity set person_id = 'per_other' where id = ${newest}`,
      2,
      'rows_changed',
    ],
    ['removes a row', `delete from activity where id = ${newest}`, 2, 'rows_missing'],
    [
      'adds a row',
      `insert into activity select (jsonb_populate_record(a, '{"id": "act_x"}')).* from activity a where id = ${newest}`,
      2,
      'rows_added',
    ],
    [
      'adds a row to an empty day',
      `insert into activity select (jsonb_populate_record(a, jsonb_build_object('id', 'act_x', 'at', at - interval '1 day'))).* from activity a where id = ${newest}`,
      1,
      'rows_added',
    ],
    ['removes a digest', `delete from activity_digest where day = ${day(1)}`, 1, 'digest_missing'],
    [
      'changes a digest',
      `update activity_digest set digest = sha256('x') where day = ${day(2)}`,
      2,
      'digest_changed',
    ],
    [
      'changes the count',
      `update activity_digest set row_count = 4 where day = ${day(2)}`,
      2,
      'digest_changed',
    ],
    [
      'backdates a digest',
      `update activity_digest set signed_at = signed_at - interval '1 hour' where day = ${day(1)}`,
      1,
      'digest_changed',
    ],
  ])('who %s is found', async (_what, sql, index, problem) => {
    await liveThreeDays();
    expect(await runAsSuperuser(context, sql)).toBe(1);
    const found = await check();
    expect(found[index]).toBe(problem);
    expect(found[0]).toBe('unchanged');
  });

  it('breaks the chain by removing or replacing a day', async () => {
    await liveThreeDays();
    await runAsSuperuser(context, `delete from activity_digest where day = ${day(1)}`);
    expect(await check()).toEqual(['unchanged', 'digest_missing', 'chain_broken']);
    expect(await signFinishedDays(context)).toBe(0);
  });

  it('is found when a row is put before the first day', async () => {
    await liveThreeDays();
    await runAsSuperuser(
      context,
      `insert into activity select (jsonb_populate_record(a, jsonb_build_object('id', 'act_x', 'at', at - interval '3 days'))).* from activity a where id = ${newest}`,
    );
    expect(await check()).toEqual(['digest_missing', 'unchanged', 'unchanged', 'unchanged']);
  });

  it('may be of one team: the others stay unchanged', async () => {
    const other = await createOwner(context);
    await recordActivity(context, { caller: other.caller, action: 'theirs', result: 'ok' });
    await moveTime(context, { days: 1 });
    await signFinishedDays(context);
    await runAsSuperuser(context, `update activity set result = 'x' where team_id = $1`, [other.team.id]);
    expect(await check()).toEqual(['unchanged']);
  });
});

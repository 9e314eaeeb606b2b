import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { foldActivity } from '../../server/activity/fold-activity.ts';
import { listActivity, type ActivityFilter } from '../../server/activity/list-activity.ts';
import { recordActivity } from '../../server/activity/record-activity.ts';
import { recordForPerson } from '../../server/activity/record-for-person.ts';
import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { writeCursor } from '../../server/paging.ts';
import { connectClient, type TestConnection } from '../domain/connect-client.ts';
import { moveTime } from '../support/move-time.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';

let context: Context;
let owner: TestOwner;
let first: TestConnection;
let second: TestConnection;
beforeAll(async () => {
  context = await openTestContext();
  owner = await createOwner(context);
  first = await connectClient(context, owner);
  second = await connectClient(context, owner);
  await record(first, 'get_post', 'pst_1');
  await moveTime(context, { days: 2 });
  await record(first, 'get_post', 'pst_2');
  await record(second, 'schedule_post', 'pst_2', 'needs_approval');
  await recordActivity(context, {
    caller: owner.caller,
    action: 'post.approved',
    target: 'pst_2',
    result: 'ok',
  });
  await recordForPerson(context, { personId: owner.person.id, action: 'person.signed_in', result: 'ok' });
  await recordActivity(context, {
    caller: owner.caller,
    action: 'policy.rule_added',
    target: 'rul_1',
    result: 'ok',
  });
});
afterAll(() => context[Symbol.asyncDispose]());

const record = (by: TestConnection, action: string, target: string, result = 'ok') =>
  recordActivity(context, { caller: by.caller, action, target, result, address: '192.0.2.7' });
const list = async (filter: ActivityFilter) =>
  (await listActivity(context, owner.caller, filter)).items.map(({ action }) => action);

describe('listing', () => {
  const newest = () => [
    'policy.rule_added',
    'person.signed_in',
    'post.approved',
    'schedule_post',
    'get_post',
    'get_post',
  ];

  it('is newest first, with who, what and from where', async () => {
    expect(await list({})).toEqual(newest());
    const { items } = await listActivity(context, owner.caller, { target: 'pst_2', action: 'schedule_post' });
    expect(items).toMatchObject([
      {
        actor: 'connection',
        personName: 'Olivia Owner',
        clientName: 'Test editor',
        connectionId: second.caller.connectionId,
        result: 'needs_approval',
        address: '192.0.2.7',
      },
    ]);
  });

  it.each<[string, () => ActivityFilter, number[]]>([
    ['what it was done to', () => ({ target: 'pst_2' }), [2, 3, 4]],
    ['connection', () => ({ connectionId: first.caller.connectionId }), [4, 5]],
    ['client', () => ({ clientId: second.caller.clientId }), [3]],
    ['person', () => ({ personId: owner.person.id }), [0, 1, 2, 3, 4, 5]],
    ['tool', () => ({ action: 'get_post' }), [4, 5]],
    ['tools', () => ({ group: 'tools' }), [3, 4, 5]],
    ['posts', () => ({ group: 'posts' }), [2]],
    ['people', () => ({ group: 'people' }), [1]],
    ['set-up', () => ({ group: 'setup' }), [0]],
    ['connections', () => ({ group: 'connections' }), []],
    ['what was not done', () => ({ result: 'not_ok' }), [3]],
    ['what was done', () => ({ result: 'ok', group: 'tools' }), [4, 5]],
    ['time, from', () => ({ from: new Date(Date.now() - 86_400_000) }), [0, 1, 2, 3, 4]],
    ['time, to', () => ({ to: new Date(Date.now() - 86_400_000) }), [5]],
    ['both', () => ({ group: 'tools', connectionId: first.caller.connectionId, target: 'pst_1' }), [5]],
  ])('is filtered by %s', async (_by, filter, indexes) => {
    expect(await list(filter())).toEqual(indexes.map((index) => newest()[index]));
  });

  it('goes on where it stopped, whatever is written meanwhile', async () => {
    const page = await listActivity(context, owner.caller, { limit: 4 });
    await record(first, 'list_posts', 'meanwhile');
    const rest = await listActivity(context, owner.caller, { limit: 4, cursor: page.nextCursor! });
    expect(rest.items.map(({ action }) => action)).toEqual(['get_post', 'get_post']);
    expect(rest.nextCursor).toBeNull();
  });

  it.each([
    '2026-13-01 00:00:00+00',
    '2026-02-30 00:00:00+00',
    '0000-00-00 00:00:00+00',
    '2026-01-01 25:00:00+00',
    '2026-01-01 00:00:00+99',
    '2026-01-01 00:00:00+01:99',
    '9999999999-01-01 00:00:00',
    '2026-01-01',
    '1:1:1:1:1:1:1',
    "2026-01-01 00:00:00+00'; --",
  ])('refuses a cursor that names no time: %s', async (key) => {
    const cursor = writeCursor('activity-newest', { key, id: newId('activity') });
    await expect(listActivity(context, owner.caller, { cursor })).rejects.toMatchObject({
      kind: 'InvalidInput',
      details: { code: 'invalid_cursor', field: 'cursor' },
    });
  });

  it.each([
    '0001-01-02 00:00:00+00',
    '9999-12-31 23:59:59.999999+15:59',
    '2026-03-29 02:30:00.123456+01',
    '1890-01-01 00:00:00-00:53:28',
  ])('takes a cursor at the edge of time: %s', async (key) => {
    const cursor = writeCursor('activity-newest', { key, id: newId('activity') });
    await expect(listActivity(context, owner.caller, { cursor })).resolves.toHaveProperty('items');
  });
});

describe('folding', () => {
  it('makes one line of the same again, and of looking at one thing after the other', async () => {
    const own = await createOwner(context);
    const editor = await connectClient(context, own);
    for (let count = 0; count < 12; count += 1) await record(editor, 'get_post', `pst_${count}`);
    for (let count = 0; count < 3; count += 1) await record(editor, 'schedule_post', 'pst_1');
    await record(editor, 'schedule_post', 'pst_2');
    await record(editor, 'schedule_post', 'pst_2', 'invalid_input');
    const { items, nextCursor } = await foldActivity(context, own.caller, {});
    expect(items.map(({ action, target, result, count }) => [action, target, result, count])).toEqual([
      ['schedule_post', 'pst_2', 'invalid_input', 1],
      ['schedule_post', 'pst_2', 'ok', 1],
      ['schedule_post', 'pst_1', 'ok', 3],
      ['get_post', null, 'ok', 12],
    ]);
    expect(items[3]!.since.getTime()).toBeLessThanOrEqual(items[3]!.at.getTime());
    expect(nextCursor).toBeNull();
  });

  it('shows every row once over all pages', async () => {
    const own = await createOwner(context);
    const editor = await connectClient(context, own);
    for (let count = 0; count < 100; count += 1)
      await record(editor, count % 3 ? 'get_post' : 'create_post', `pst_${count}`);
    let [cursor, rows, pages]: [string | undefined, number, number] = [undefined, 0, 0];
    do {
      const page = await foldActivity(context, own.caller, { cursor });
      rows += page.items.reduce((sum, { count }) => sum + count, 0);
      pages += 1;
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect({ rows, pages }).toEqual({ rows: 100, pages: 2 });
  });
});

describe('what concerns a person', () => {
  it('is a row in each team of theirs, and nothing without a team', async () => {
    const one = await createOwner(context);
    const two = await createOwner(context);
    await context.db.membership.create({
      data: { teamId: two.team.id, personId: one.person.id, role: 'viewer' },
    });
    const signedIn = { action: 'person.signed_in', result: 'ok', address: '192.0.2.9' };
    await recordForPerson(context, { personId: one.person.id, ...signedIn });
    await recordForPerson(context, { personId: newId('person'), ...signedIn });
    const rows = await context.db.activity.findMany({
      where: { personId: one.person.id, action: 'person.signed_in' },
    });
    expect(rows.map(({ teamId }) => teamId).toSorted()).toEqual([one.team.id, two.team.id].toSorted());
    expect(rows.every(({ target, address }) => target === one.person.id && address === '192.0.2.9')).toBe(
      true,
    );
  });
});

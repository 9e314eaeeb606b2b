import { afterAll, beforeAll, expect, it } from 'vitest';

import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';

let context: Context;
let owner: TestOwner;
beforeAll(async () => {
  context = await openTestContext();
  owner = await createOwner(context);
});
afterAll(() => context[Symbol.asyncDispose]());

it('keeps every row of many calls at once, and has it when the promise is kept', async () => {
  const action = 'many_at_once';
  await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const target = `row ${index}`;
      await context.writeActivity({ caller: owner.caller, action, target, result: 'ok' });
      expect(await context.db.activity.count({ where: { action, target } })).toBe(1);
    }),
  );
  expect(await context.db.activity.count({ where: { teamId: owner.team.id, action } })).toBe(100);
});

it('refuses a row of a team that is gone without the rows beside it', async () => {
  const action = 'beside_a_bad_row';
  const gone = { ...owner.caller, teamId: newId('team') };
  const callers = [owner.caller, gone, owner.caller];
  const written = await Promise.allSettled(
    callers.map((caller) => context.writeActivity({ caller, action, result: 'ok' })),
  );
  expect(written.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await context.db.activity.count({ where: { action } })).toBe(2);
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import type { Context } from '../../server/context.ts';
import { unavailable } from '../../server/errors.ts';
import { createCallRate } from '../../server/mcp/call-rate.ts';
import { defineTool, type Tool, type ToolCall } from '../../server/mcp/define-tool.ts';
import { guardToolHandler } from '../../server/mcp/guard-tool-handler.ts';
import { connectClient, type TestConnection } from '../domain/connect-client.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';
import { callTool } from './call-tool.ts';

let context: Context;
let owner: TestOwner;
let connection: TestConnection;
const logged: { message: string; fields: Record<string, unknown> }[] = [];

beforeAll(async () => {
  const opened = await openTestContext();
  const log = Object.create(opened.log) as Context['log'];
  log.error = ((fields: Record<string, unknown>, message: string) => {
    logged.push({ fields, message });
  }) as Context['log']['error'];
  context = { ...opened, log };
  owner = await createOwner(context);
  connection = await connectClient(context, owner);
});

afterAll(async () => context[Symbol.asyncDispose]());

type Run = (call: ToolCall<{ client_ref?: string | undefined }>, runNo: number) => Promise<void>;

/** A tool of the test's own, with a run that may misbehave. */
function toolOf(
  run: Run,
  annotations: Partial<Tool['annotations']> = {},
): { tool: Tool; runs: () => number } {
  let runs = 0;
  const tool = defineTool({
    name: 'try_thing',
    title: 'Try',
    description: 'Tries. Only in tests.',
    scope: 'campaigns:write',
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: false,
      ...annotations,
    },
    input: z.strictObject({ client_ref: z.string().optional() }),
    output: z.strictObject({ runs: z.int() }),
    async run(call) {
      runs += 1;
      await run(call, runs);
      return { runs };
    },
  });
  return { tool, runs: () => runs };
}

/** Ends the very connection under a query, as a restart of PostgreSQL does. */
const loseConnection: Run = async ({ ctx }) => {
  await ctx.db.$queryRaw`select 1 from pg_terminate_backend(pg_backend_pid())`;
};

test('a lost connection is run again when nothing can have been written twice', async () => {
  const onlyFirst: Run = async (call, runNo) => {
    if (runNo === 1) await loseConnection(call, runNo);
  };
  for (const annotations of [{ readOnlyHint: true }, { idempotentHint: true }]) {
    const { tool } = toolOf(onlyFirst, annotations);
    expect(await callTool(context, connection.caller, tool, {})).toMatchObject({
      isError: false,
      output: { runs: 2 },
    });
  }
  const { tool } = toolOf(onlyFirst);
  expect(await callTool(context, connection.caller, tool, { client_ref: 'x' })).toMatchObject({
    output: { runs: 2 },
  });
});

test('a lost connection under a write without a client_ref is told, not repeated', async () => {
  const { tool, runs } = toolOf(loseConnection);
  expect(await callTool(context, connection.caller, tool, {})).toMatchObject({
    isError: true,
    error: { code: 'outcome_unclear', retriable: false },
  });
  expect(runs()).toBe(1);
});

test('what never works is given up after three runs, and may be tried later', async () => {
  const { tool, runs } = toolOf(loseConnection, { idempotentHint: true });
  expect(await callTool(context, connection.caller, tool, {})).toMatchObject({
    isError: true,
    error: { code: 'unavailable', retriable: true },
  });
  expect(runs()).toBe(3);
});

test('of two transactions in each other’s way both succeed', async () => {
  const [one, other] = await Promise.all([createOwner(context), createOwner(context)]);
  const met = Promise.withResolvers<void>();
  let waiting = 0;
  const lockInOrder =
    (first: string, second: string): Run =>
    async ({ ctx }, runNo) => {
      await ctx.db.$transaction(async (tx) => {
        await tx.$executeRaw`update team set name = name where id = ${first}`;
        waiting += 1;
        if (waiting === 2) met.resolve();
        if (runNo === 1) await met.promise;
        await tx.$executeRaw`update team set name = name where id = ${second}`;
      });
    };
  const left = toolOf(lockInOrder(one.team.id, other.team.id));
  const right = toolOf(lockInOrder(other.team.id, one.team.id));
  const outcomes = await Promise.all([
    callTool(context, connection.caller, left.tool, {}),
    callTool(context, connection.caller, right.tool, {}),
  ]);
  expect(outcomes.map(({ isError }) => isError)).toEqual([false, false]);
  expect(left.runs() + right.runs()).toBe(3);
});

test('a bug is logged once with an id, and only the id is shown', async () => {
  logged.length = 0;
  const { tool, runs } = toolOf(async () => {
    throw new Error('postgres://user:secret@host/db');
  });
  const outcome = await callTool(context, connection.caller, tool, {});
  expect(outcome).toMatchObject({ isError: true, error: { code: 'internal', retriable: false } });
  expect(JSON.stringify(outcome)).not.toContain('secret');
  expect(logged).toHaveLength(1);
  expect(JSON.stringify(outcome)).toContain(logged[0]!.fields['errorId']);
  expect(runs()).toBe(1);
});

test('an error of the domain is told in its own words and not logged', async () => {
  logged.length = 0;
  const { tool } = toolOf(async () => {
    throw unavailable({ code: 'resting', message: 'Resting.', cause: new Error('foreign text') });
  });
  const outcome = await callTool(context, connection.caller, tool, {});
  expect(outcome).toMatchObject({ error: { code: 'resting', retriable: true } });
  expect(JSON.stringify(outcome)).not.toContain('foreign');
  expect(logged).toEqual([]);
});

test('too many calls in a minute are told with the seconds to wait', async () => {
  const { tool } = toolOf(async () => {});
  const callRate = createCallRate(2);
  const call = () => guardToolHandler({ context, callRate, tool, caller: connection.caller, rawInput: {} });
  expect((await call()).isError).toBe(false);
  expect((await call()).isError).toBe(false);
  expect(await call()).toMatchObject({
    isError: true,
    error: {
      code: 'rate_limited',
      limit: 2,
      retriable: true,
      next_step: expect.stringMatching(/Wait \d+ seconds/) as string,
    },
  });
  const another = await connectClient(context, owner);
  expect(
    (await guardToolHandler({ context, callRate, tool, caller: another.caller, rawInput: {} })).isError,
  ).toBe(false);
});

test('every call leaves one row, also one that failed', async () => {
  const own = await connectClient(context, owner);
  await callTool(context, own.caller, 'get_post', { post_id: `pst_${'0'.repeat(32)}` });
  await callTool(context, own.caller, 'get_post', {});
  await callTool(context, own.caller, 'list_channels', {});
  const rows = await context.db.activity.findMany({
    where: { connectionId: own.caller.connectionId },
    orderBy: { at: 'asc' },
  });
  expect(rows.map(({ actor, action, target, result }) => [actor, action, target, result])).toEqual([
    ['connection', 'get_post', `pst_${'0'.repeat(32)}`, 'not_found'],
    ['connection', 'get_post', null, 'invalid_input'],
    ['connection', 'list_channels', null, 'ok'],
  ]);
});

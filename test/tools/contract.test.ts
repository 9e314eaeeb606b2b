import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { tools } from '../../tools/catalog.ts';
import { openTestContext } from '../support/test-context.ts';
import { callTool, findTool } from './call-tool.ts';
import { findIdArguments, goodInputsOf, inputsTaking } from './id-arguments.ts';
import { readTeamState } from './team-state.ts';
import { createWorld, type World } from './world.ts';

let context: Context;
let ours: World;

beforeAll(async () => {
  context = await openTestContext();
  ours = await createWorld(context, 'ours');
});

afterAll(async () => context[Symbol.asyncDispose]());

const goodInput = (name: string, world: World) => goodInputsOf({ name }, world)[0]!;

const toolError = z.strictObject({
  code: z.string().regex(/^[a-z]+(_[a-z]+)*$/),
  message: z.string().min(10).max(400).regex(/[.]$/),
  field: z.string().optional(),
  rule_id: z.string().optional(),
  limit: z.number().optional(),
  actual: z.number().optional(),
  retriable: z.boolean(),
  next_step: z.string().min(10).max(300).regex(/[.]$/),
});

async function callBadly(name: string, input: unknown, world = ours) {
  const outcome = await callTool(context, world.connection.caller, name, input);
  if (!outcome.isError) throw new Error(`no error for ${JSON.stringify(input)}`);
  toolError.parse(outcome.error);
  return outcome.error;
}

test.each(
  tools
    .flatMap(findIdArguments)
    .map((argument) => [argument.tool.name, argument.path.join('.'), argument] as const),
)('%s, %s: what is no id is refused and not repeated', async (name, _path, argument) => {
  const isTyped = argument.path[0] !== 'client';
  const wrong = ['../..', "' or 1=1 --", `per_${'0'.repeat(32)}`, 'a'.repeat(5000), `${newId('post')}\n`];
  for (const withIds of inputsTaking(argument, ours)) {
    for (const id of isTyped ? wrong : ['a'.repeat(5000)]) {
      const error = await callBadly(name, withIds([id]));
      const path = argument.path.join('.').replaceAll('*', '0');
      expect(error).toMatchObject({ code: 'invalid_input', field: path });
      expect(JSON.stringify(error)).not.toContain(id);
    }
    expect((await callBadly(name, withIds(['']))).code).toBe('invalid_input');
  }
});

describe.each(tools.map(({ name }) => name))('%s', (name) => {
  test('takes no input that it does not know, and no input of the wrong type', async () => {
    const error = await callBadly(name, { ...goodInput(name, ours), approve: true });
    expect(error).toMatchObject({ code: 'invalid_input', field: 'approve' });
    for (const input of [[], 'x', 1, true]) expect((await callBadly(name, input)).code).toBe('invalid_input');
    for (const field of Object.keys(findTool(name).input.shape)) {
      const wrong = await callBadly(name, { ...goodInput(name, ours), [field]: { wrong: 'type' } });
      expect(wrong.code).toBe('invalid_input');
    }
  });

  test('twice leaves the state of once, and writes one activity row per call', async () => {
    const world = await createWorld(context, `twice ${name}`);
    const input = goodInput(name, world);
    const first = await callTool(context, world.connection.caller, name, input);
    const between = await readTeamState(context, world.owner.team.id);
    const second = await callTool(context, world.connection.caller, name, input);
    expect(first).toMatchObject({ isError: false });
    expect(second).toEqual(first);
    expect(await readTeamState(context, world.owner.team.id)).toEqual(between);
    const rows = await context.db.activity.findMany({
      where: {
        teamId: world.owner.team.id,
        actor: 'connection',
        NOT: { action: { startsWith: 'delivery.' } },
      },
    });
    expect(rows.map(({ action, result, connectionId }) => ({ action, result, connectionId }))).toEqual(
      Array.from({ length: 2 }, () => ({
        action: name,
        result: 'ok',
        connectionId: world.connection.caller.connectionId,
      })),
    );
  });
});

describe('errors that say what to do', () => {
  test('a stale revision names the current one', async () => {
    const input = { ...goodInput('schedule_post', ours), expected_rev: 9 };
    expect(await callBadly('schedule_post', input)).toMatchObject({
      code: 'stale_revision',
      field: 'expected_rev',
      actual: 1,
      next_step: expect.stringContaining('get_post') as string,
    });
  });

  test.each([
    [{ at: '2020-01-01T00:00:00Z' }, 'time_passed'],
    [{ at: '2036-03-30T02:30' }, 'nonexistent_time'],
    [{ at: 'soon' }, 'invalid_time'],
    [{ time_zone: 'Mars/Base' }, 'invalid_time_zone'],
    [{ at: undefined, next_slot: true, time_zone: 'Berlin' }, 'invalid_time_zone'],
    [{ at: undefined, next_slot: true, time_zone: '+02:00' }, 'invalid_time_zone'],
  ])('%j is %s', async (change, code) => {
    const error = await callBadly('schedule_post', { ...goodInput('schedule_post', ours), ...change });
    expect(error.code).toBe(code);
  });

  test.each([
    [{ text: 'nul \u0000' }, 'text'],
    [{ text: 'half \ud83d' }, 'text'],
    [{ text: 'x'.repeat(20_001) }, 'text'],
    [{ channel_ids: [] }, 'channel_ids'],
    [{ overrides: [{ channel_id: `chn_${'0'.repeat(32)}` }] }, 'overrides.0'],
  ])('create_post refuses the input %#', async (change, field) => {
    const error = await callBadly('create_post', { ...goodInput('create_post', ours), ...change });
    expect(error).toMatchObject({ code: 'invalid_input', field });
  });

  test.each([
    [{ campaign_id: 'Grand opening' }, 'campaign_id', 'list_campaigns'],
    [{ channel_ids: ['@bakery'] }, 'channel_ids.0', 'list_channels'],
    [{ media_ids: ['loaf.jpg'] }, 'media_ids.0', 'list_media'],
  ])('a name instead of an id is told where ids come from: %j', async (change, field, lister) => {
    const error = await callBadly('create_post', { ...goodInput('create_post', ours), ...change });
    expect(error).toMatchObject({ code: 'invalid_input', field });
    expect(error.message).toMatch(/ takes an id of a (campaign|channel|media)/);
    expect(error.next_step).toContain(`Call ${lister}`);
  });

  test('an input that is missing is said to be needed', async () => {
    const { text: _text, ...rest } = goodInput('create_post', ours);
    const error = await callBadly('create_post', rest);
    expect(error).toMatchObject({ code: 'invalid_input', field: 'text', message: 'text is needed.' });
    const wrong = await callBadly('create_post', { ...rest, text: 7 });
    expect(wrong.message).toContain('The input text is not valid');
  });

  test('a caption that breaks a rule names the rule and its numbers', async () => {
    const { maxLength } = context.networks.get('playground')!.rules;
    const { caller } = ours.connection;
    const draft = { ...goodInput('create_post', ours), client_ref: 'long', text: 'x'.repeat(maxLength + 1) };
    const created = await callTool(context, caller, 'create_post', draft);
    if (created.isError) throw new Error(created.error.message);
    expect(created.output['captions']).toMatchObject([{ ok: false, problems: [{ rule_id: 'text_length' }] }]);
    const post_id = created.output['post_id'];
    expect(await callBadly('publish_post', { post_id, expected_rev: 1 })).toMatchObject({
      code: 'caption_breaks_rule',
      rule_id: 'text_length',
      limit: maxLength,
      actual: maxLength + 1,
    });
  });
});

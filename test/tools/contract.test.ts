import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { SCOPES } from '../../server/scopes.ts';
import { tools } from '../../tools/catalog.ts';
import { connectClient } from '../domain/connect-client.ts';
import { openTestContext } from '../support/test-context.ts';
import { callTool, findTool } from './call-tool.ts';
import { GOOD_INPUTS } from './good-inputs.ts';
import { createWorld, type World } from './world.ts';

let context: Context;
let ours: World;
let theirs: World;

const SECRET = 'the other team keeps this to itself';

beforeAll(async () => {
  context = await openTestContext();
  ours = await createWorld(context, 'ours');
  theirs = await createWorld(context, SECRET);
});

afterAll(async () => context[Symbol.asyncDispose]());

const goodInput = (name: string, world: World): Record<string, unknown> => GOOD_INPUTS[name]!(world);

test('each tool has a good input', () => {
  expect(Object.keys(GOOD_INPUTS).toSorted()).toEqual(tools.map(({ name }) => name).toSorted());
});

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
  expect(JSON.stringify(outcome.error)).not.toContain(SECRET);
  return outcome.error;
}

const ID_FIELDS = ['campaign_id', 'channel_id', 'channel_ids', 'only_channel_ids', 'post_id'] as const;

const idCases = tools.flatMap((tool) =>
  ID_FIELDS.filter((field) => field in tool.input.shape).map((field) => [tool.name, field] as const),
);

const kindOf = (field: string) =>
  field.includes('channel') ? 'channel' : field === 'post_id' ? 'post' : 'campaign';
const withId = (name: string, field: string, id: string) => ({
  ...goodInput(name, ours),
  [field]: field.endsWith('s') ? [id] : id,
});
const absentIds = (field: string) => {
  const kind = kindOf(field);
  const byKind = { channel: theirs.channelId, post: theirs.postId, campaign: theirs.campaignId };
  return { 'of another team': byKind[kind], random: newId(kind) };
};

test.each(idCases.filter(([name]) => !name.startsWith('list_')))(
  '%s, %s: an id of another team, or of nothing, is not there',
  async (name, field) => {
    for (const id of Object.values(absentIds(field))) {
      const error = await callBadly(name, withId(name, field, id));
      expect(error).toMatchObject({ code: 'not_found', field, retriable: false });
    }
  },
);

test.each(idCases.filter(([name]) => name.startsWith('list_') && name !== 'list_activity'))(
  '%s, %s: filtering by an id of another team, or of nothing, finds nothing',
  async (name, field) => {
    for (const id of Object.values(absentIds(field))) {
      const outcome = await callTool(context, ours.connection.caller, name, withId(name, field, id));
      expect(outcome).toMatchObject({ isError: false, output: { items: [] } });
    }
  },
);

test.each(idCases)('%s, %s: an id of the wrong kind is invalid and is not repeated', async (name, field) => {
  const wrong = ['../..', "' or 1=1 --", `per_${'0'.repeat(32)}`, 'a'.repeat(5000), `${newId('post')}\n`];
  for (const id of wrong) {
    const error = await callBadly(name, withId(name, field, id));
    expect(error).toMatchObject({
      code: 'invalid_input',
      field: expect.stringMatching(new RegExp(`^${field}`)) as string,
    });
    expect(JSON.stringify(error)).not.toContain(id);
  }
  expect((await callBadly(name, withId(name, field, ''))).code).toBe('invalid_input');
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

  test('answers without its scope with an error only, whatever else was granted', async () => {
    const { scope } = findTool(name);
    const before = await countRows();
    const { caller } = await connectClient(
      context,
      ours.owner,
      SCOPES.filter((other) => other !== scope),
    );
    const outcome = await callTool(context, caller, name, goodInput(name, ours));
    expect(outcome).toMatchObject({ isError: true, error: { code: 'insufficient_scope' } });
    expect(await countRows()).toEqual(before);
  });

  test('answers a viewer only when it reads', async () => {
    const viewer = { ...ours.connection.caller, role: 'viewer' as const };
    const outcome = await callTool(context, viewer, name, goodInput(name, ours));
    const refused = { isError: true, error: { code: 'viewer' } };
    expect(outcome).toMatchObject(findTool(name).annotations.readOnlyHint ? { isError: false } : refused);
  });

  test('twice leaves the state of once, and writes one activity row per call', async () => {
    const world = await createWorld(context, `twice ${name}`);
    const input = goodInput(name, world);
    const first = await callTool(context, world.connection.caller, name, input);
    const between = await readState(world);
    const second = await callTool(context, world.connection.caller, name, input);
    expect(first.isError).toBe(false);
    expect(second).toEqual(first);
    expect(await readState(world)).toEqual(between);
    const rows = await context.db.activity.findMany({
      where: { teamId: world.owner.team.id, NOT: { action: { startsWith: 'delivery.' } } },
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

async function countRows() {
  const { db } = context;
  return Promise.all([
    db.campaign.count(),
    db.post.count(),
    db.delivery.count({ where: { state: 'draft' } }),
  ]);
}

async function readState({ owner }: World) {
  const where = { teamId: owner.team.id };
  const orderBy = { id: 'asc' } as const;
  const { db } = context;
  return {
    campaigns: await db.campaign.findMany({ where, orderBy }),
    posts: await db.post.findMany({ where, orderBy }),
    deliveries: await db.delivery.findMany({ where, orderBy }),
    captions: await db.caption.count({ where }),
  };
}

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

test('an item of a list costs few bytes, and its text names everything a model needs', async () => {
  const world = await createWorld(
    context,
    'A text of some length, so that the excerpt is as long as it gets to be in a list',
  );
  await schedulePost(context, world.connection.caller, {
    postId: world.postId,
    expectedRev: 1,
    at: '2036-12-01T09:00',
  });
  const outcome = await callTool(context, world.connection.caller, 'list_posts', {});
  if (outcome.isError) throw new Error(outcome.error.message);
  expect(outcome.text.split('\n')).toEqual([
    '1 items, times in Europe/Berlin',
    `${world.postId} | scheduled | Mon, 1 Dec 2036, 09:00 CET | playground | "A text of some length, so that the excerpt is as long as it gets to be in a list"`,
  ]);
  expect(Buffer.byteLength(outcome.text.split('\n')[1]!)).toBeLessThanOrEqual(180);
});

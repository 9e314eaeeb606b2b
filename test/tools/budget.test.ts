import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { tools } from '../../tools/catalog.ts';
import { openTestContext } from '../support/test-context.ts';
import { callTool, findTool } from './call-tool.ts';
import { createWorld, type World } from './world.ts';

const TOOLS = 27;
const MAX_TOKENS = 7_000;
const MAX_BYTES = 40_000;
const MAX_TOKENS_PER_ITEM = 60;

let context: Context;
let world: World;
beforeAll(async () => {
  context = await openTestContext();
  world = await createWorld(context, 'Spring launch: meet us in Hamburg');
  const { publishedPostId, stuckPostId } = world;
  await context.db.post.deleteMany({ where: { id: { in: [publishedPostId, stuckPostId] } } });
});
afterAll(() => context[Symbol.asyncDispose]());

test('what a model reads of all tools at every start is small', () => {
  const listing = JSON.stringify({ tools: tools.map(({ listing: entry }) => entry) });
  const share = tools.length / TOOLS;
  expect(countTokens(listing)).toBeLessThanOrEqual(MAX_TOKENS * share);
  expect(Buffer.byteLength(listing)).toBeLessThanOrEqual(MAX_BYTES * share);
});

const lists = tools.filter(({ output }) => 'items' in output.shape).map(({ name }) => name);

test.each(lists)('an item of %s costs a model few tokens', async (name) => {
  const { caller } = world.connection;
  await callTool(context, caller, 'schedule_post', {
    post_id: world.postId,
    expected_rev: 1,
    at: '2036-12-01T09:00',
  });
  const outcome = await callTool(context, caller, name, {});
  if (outcome.isError) throw new Error(outcome.error.message);
  const items = outcome.output['items'] as object[];
  expect(items.length).toBeGreaterThan(0);
  const lines = outcome.text
    .split('\n')
    .filter((line) => line.includes('_') && !line.startsWith('next_cursor'));
  expect(lines).toHaveLength(items.length);
  const costs = lines.map((line) => countTokens(`${line}\n`));
  expect(Math.max(...costs), lines[costs.indexOf(Math.max(...costs))]).toBeLessThanOrEqual(
    MAX_TOKENS_PER_ITEM,
  );
  const ids = (items as { id?: string }[]).flatMap(({ id }) => id ?? []);
  expect(ids.filter((id) => !outcome.text.includes(id))).toEqual([]);
});

test('every tool that pages says so', () => {
  for (const name of lists) {
    const inputs = Object.keys(findTool(name).input.shape);
    const isPaged = 'next_cursor' in findTool(name).output.shape;
    expect({ name, isPaged: inputs.includes('cursor') && inputs.includes('limit') }).toEqual({
      name,
      isPaged,
    });
  }
});

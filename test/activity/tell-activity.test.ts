import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { recordActivity } from '../../server/activity/record-activity.ts';
import { openTestContext } from '../support/test-context.ts';
import { callTool } from '../tools/call-tool.ts';
import { createWorld, type World } from '../tools/world.ts';

let context: Context;
let world: World;
beforeAll(async () => {
  context = await openTestContext();
  world = await createWorld(context, 'a caption of somebody');
  const { caller } = world.connection;
  for (const action of ['list_posts', 'get_post', 'schedule_post', 'token.refreshed']) {
    await recordActivity(context, { caller, action, target: world.postId, result: 'ok' });
  }
  await recordActivity(context, { caller, action: 'get_post', target: world.postId, result: 'not_found' });
});
afterAll(() => context[Symbol.asyncDispose]());

async function list(input: Record<string, unknown>) {
  const outcome = await callTool(context, world.connection.caller, 'list_activity', input);
  if (outcome.isError) throw new Error(outcome.error.message);
  const items = outcome.output['items'] as { tool: string; result: string }[];
  return { ...outcome, items, told: items.map(({ tool, result }) => `${tool} ${result}`) };
}

describe('what happened last night', () => {
  test('is one call: what became of posts, counted, and each with network, post and under whom', async () => {
    const { text, output } = await list({ from: '2026-01-01' });
    expect(output['outcomes']).toEqual({ published: 1, needs_attention: 1 });
    const lines = text.split('\n');
    expect(lines[0]).toBe('Deliveries: 1 published, 1 needs_attention');
    const ofPublished = lines.find((line) => line.includes('delivery.published'));
    expect(ofPublished).toMatch(
      new RegExp(
        `^\\w{3}, \\d+ \\w+ \\d{4}, \\d\\d:\\d\\d CES?T \\| delivery.published \\| playground \\| ${world.publishedPostId} \\| the worker for "Test editor"$`,
      ),
    );
    expect(lines.find((line) => line.includes('needs_attention |'))).toContain('outcome_unknown');
  });

  test('tells no text of a post and no answer of a network', async () => {
    const { output } = await list({ from: '2026-01-01', limit: 50 });
    expect(JSON.stringify(output)).not.toContain('a caption of somebody');
    expect(JSON.stringify(output)).not.toContain('/playground/');
  });

  test('leaves out what only looked, unless it was refused or is asked for', async () => {
    const { told } = await list({ post_id: world.postId });
    expect(told).toEqual(['get_post not_found', 'schedule_post ok', 'post.created ok']);
    expect((await list({ tool: 'get_post' })).told).toEqual(['get_post not_found', 'get_post ok']);
    expect((await list({ tool: 'token.refreshed' })).told).toHaveLength(1);
  });

  test('counts only since then, for all clients and tools, and on the first page', async () => {
    expect((await list({})).output['outcomes']).toBeNull();
    for (const one of [{ client: 'Another editor' }, { tool: 'schedule_post' }]) {
      expect((await list({ from: '2026-01-01', ...one })).output['outcomes']).toBeNull();
    }
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    const later = await list({ from: tomorrow });
    expect(later.text).toBe('Deliveries: none came to an end\n0 items, times in Europe/Berlin');
    const first = await list({ from: '2026-01-01', limit: 1 });
    const second = await list({ from: '2026-01-01', limit: 1, cursor: first.output['next_cursor'] });
    expect(second.output['outcomes']).toBeNull();
    expect(second.items).not.toEqual(first.items);
  });

  test('can be asked about a client, by its name in any case or by its connection', async () => {
    const { connectionId } = world.connection.caller;
    for (const client of [connectionId, 'TEST EDITOR']) {
      expect((await list({ client, tool: 'schedule_post' })).told).toEqual(['schedule_post ok']);
    }
    expect((await list({ client: 'Another editor' })).items).toEqual([]);
  });

  test('is not asked about another team, whose clients have the same name', async () => {
    const other = await createWorld(context, 'of others');
    const { text } = await list({ client: 'Test editor', limit: 50 });
    expect(text).not.toContain(other.publishedPostId);
    expect((await list({ client: other.connection.caller.connectionId })).items).toEqual([]);
    const { outcomes } = (await list({ from: '2026-01-01' })).output;
    expect(outcomes).toEqual({ published: 1, needs_attention: 1 });
  });
});

describe('what had stopped', () => {
  test('is told with how it was settled, by a client as by a person', async () => {
    const { postId, stuckPostId, channelId, connection, owner } = world;
    const stuck = { post_id: stuckPostId, channel_id: channelId };
    await callTool(context, connection.caller, 'resolve_delivery', {
      ...stuck,
      post_id: postId,
      action: 'check',
    });
    const { isError } = await callTool(context, connection.caller, 'resolve_delivery', {
      ...stuck,
      action: 'give_up',
    });
    expect(isError).toBe(false);
    await callTool(context, connection.caller, 'resolve_delivery', {
      ...stuck,
      action: 'say something rude',
    });
    const detail = { action: 'record_as_posted', channelId };
    const byPerson = {
      caller: owner.caller,
      action: 'post.settled',
      target: stuckPostId,
      result: 'ok',
      detail,
    };
    await recordActivity(context, byPerson);
    const { items, text } = await list({ post_id: stuckPostId });
    expect(items.slice(0, 2)).toMatchObject([
      { tool: 'post.settled', action: 'record_as_posted', network: 'playground', result: 'ok' },
      { tool: 'resolve_delivery', action: 'give_up', network: 'playground', result: 'ok' },
    ]);
    expect(text).toContain('| resolve_delivery give_up | playground |');
    expect(text).not.toContain('rude');
    const refused = await list({ post_id: postId, tool: 'resolve_delivery' });
    expect(refused.items).toMatchObject([{ action: 'check', result: 'nothing_unclear' }]);
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { connectClient, scopesOf } from '../domain/connect-client.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';
import { CLIENT_KINDS, openClient, serveMcp, type ServedMcp } from './serve-mcp.ts';

let context: Context;
let owner: TestOwner;
let served: ServedMcp;

beforeAll(async () => {
  context = await openTestContext();
  owner = await createOwner(context);
  served = await serveMcp(context);
});

afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await context[Symbol.asyncDispose]();
});

const SPOKEN = { 'sdk 1.x': '2025-11-25', 'client 2.x': '2026-07-28' };

describe.each(CLIENT_KINDS)('%s', (kind) => {
  test('drafts, previews, schedules, publishes and reads, in its own protocol', async () => {
    const { token } = await connectClient(context, owner);
    await using client = await openClient(kind, served.url, token);
    expect(client.serverName()).toBe('grantcast');
    expect(await client.listTools()).toHaveLength(27);

    const campaign = await client.callTool('create_campaign', { name: `Launch by ${kind}`, goal: 'Be seen' });
    const { campaign_id } = campaign.structuredContent!;
    const channels = (await client.callTool('list_channels', {})).structuredContent!['items'] as {
      id: string;
    }[];
    const channel_ids = channels.map(({ id }) => id);
    const draft = await client.callTool('create_post', {
      campaign_id,
      channel_ids,
      text: `Hello from ${kind}`,
    });
    const { post_id, rev } = draft.structuredContent!;
    const preview = await client.callTool('preview_post', { post_id });
    expect(preview.structuredContent).toMatchObject({ ready: true, rev: 1 });

    const scheduled = await client.callTool('schedule_post', {
      post_id,
      expected_rev: rev,
      at: '2036-12-01T09:00',
    });
    expect(scheduled.structuredContent).toMatchObject({
      state: 'scheduled',
      at: '2036-12-01T08:00:00Z',
      local_time: 'Mon, 1 Dec 2036, 09:00 CET',
      time_zone: 'Europe/Berlin',
      approval_url: null,
    });
    const published = await client.callTool('publish_post', { post_id, expected_rev: rev });
    expect(published.structuredContent).toMatchObject({ poll_after_s: 3 });
    const post = await client.callTool('get_post', { post_id, include: ['attempts'] });
    expect(post.structuredContent).toMatchObject({ rev: 1, deliveries: [{ attempts: [] }] });
    expect(JSON.parse(post.content[0]!.text!)).toEqual(post.structuredContent);

    const posts = await client.callTool('list_posts', { campaign_id });
    expect(posts.structuredContent).toMatchObject({ items: [{ id: post_id, state: 'scheduled' }] });
    expect(posts.content[0]!.text).toContain(`${post_id as string} | scheduled | `);
    const found = await client.callTool('list_campaigns', { query: kind });
    expect(found.structuredContent).toMatchObject({
      items: [{ id: campaign_id, post_counts: { scheduled: 1 } }],
    });
    expect(client.versions.at(-1)).toBe(SPOKEN[kind]);
  });

  test('gets an error it can act on, also after it has read the output schemas', async () => {
    const { token } = await connectClient(context, owner);
    await using client = await openClient(kind, served.url, token);
    await client.listTools();
    const answer = await client.callTool('get_post', { post_id: `pst_${'0'.repeat(32)}` });
    expect(answer.isError).toBe(true);
    expect(JSON.parse(answer.content[0]!.text!)).toMatchObject({
      code: 'not_found',
      field: 'post_id',
      retriable: false,
      next_step: expect.stringContaining('list_posts') as string,
    });
    expect(answer.structuredContent?.['code']).toBe(kind === 'client 2.x' ? 'not_found' : undefined);
  });

  test('is told which scope it lacks by HTTP, so that it can ask for it', async () => {
    const { token } = await connectClient(context, owner, scopesOf('look'));
    await using client = await openClient(kind, served.url, token);
    await expect(client.callTool('create_campaign', { name: 'x', goal: 'y' })).rejects.toThrow();
    expect((await client.listTools()).map(({ name }) => name)).not.toContain('create_campaign');
  });

  test('an unknown tool is refused', async () => {
    const { token } = await connectClient(context, owner);
    await using client = await openClient(kind, served.url, token);
    await expect(client.callTool('approve_post', {})).rejects.toMatchObject({ code: -32_602 });
  });

  test('is served by any process, without a session', async () => {
    const { token } = await connectClient(context, owner);
    await using other = await serveMcp(context);
    await using client = await openClient(kind, served.url, token);
    expect(await client.listTools()).toHaveLength(27);
    await using elsewhere = await openClient(kind, other.url, token);
    expect((await elsewhere.callTool('list_channels', {})).isError).not.toBe(true);
    expect((await client.callTool('list_channels', {})).isError).not.toBe(true);
  });
});

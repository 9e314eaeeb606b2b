import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { launchBrowser, openBrowserPerson, type BrowserPerson } from '../support/browser.ts';
import {
  createEditor,
  EDITOR_KINDS,
  EXPECTED_PROTOCOL,
  type Editor,
  type ToolOutput,
} from '../support/editor.ts';
import { moveTime } from '../support/move-time.ts';
import { hasRedisServer, startTestRedis } from '../support/redis.ts';
import { OWNER, startTestServer, type TestServer } from '../support/test-server.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const QUEUES = hasRedisServer() ? ['PostgreSQL', 'Redis'] : ['PostgreSQL'];

/** Journey 2 of the product, as far as it goes today: own text, preview, schedule, approve, publish, ask what happened. */
describe.each(EDITOR_KINDS)('publishing with %s', (kind) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  async function connectEditor(
    server: TestServer,
    preset?: string,
  ): Promise<{ editor: Editor; person: BrowserPerson }> {
    const person = await openBrowserPerson(browser, OWNER);
    const editor = await createEditor({
      kind,
      mcpUrl: server.mcpUrl,
      onAuthorize: (url) => person.allow(url, preset),
    });
    await editor.connect();
    return { editor, person };
  }

  async function draftPost(editor: Editor, text: string): Promise<{ postId: string; rev: number }> {
    const channels = await editor.callTool('list_channels', {});
    const campaign = await editor.callTool('create_campaign', { name: 'Launch', goal: 'Tell the world' });
    const post = await editor.callTool('create_post', {
      campaign_id: campaign.structured.campaign_id,
      channel_ids: [channels.structured.items[0]!.id],
      text,
    });
    expect(post.text).not.toContain('"code"');
    return { postId: post.structured.post_id, rev: post.structured.rev };
  }

  async function waitUntilPublished(editor: Editor, postId: string): Promise<ToolOutput> {
    return vi.waitFor(
      async () => {
        const answer = await editor.callTool('get_post', { post_id: postId });
        expect(answer.structured.deliveries[0]!.state).toBe('published');
        return answer.structured;
      },
      { timeout: 15_000, interval: 100 },
    );
  }

  it.each(QUEUES)(
    'drafts, previews and schedules from the editor; a person approves; the worker publishes once (queue on %s)',
    async (queue) => {
      await using redis = queue === 'Redis' ? await startTestRedis() : undefined;
      await using server = await startTestServer(redis ? { REDIS_URL: redis.url } : {});
      const { editor, person } = await connectEditor(server);
      await using _editor = editor;
      const { postId, rev } = await draftPost(editor, 'We are live today.');

      const preview = await editor.callTool('preview_post', { post_id: postId });
      expect(preview.structured).toMatchObject({ ready: true });
      const at = new Date(Date.now() + HOUR_MS).toISOString();
      const scheduled = await editor.callTool('schedule_post', { post_id: postId, expected_rev: rev, at });
      expect(scheduled.structured).toMatchObject({ state: 'awaiting_approval' });

      await person.page.setViewportSize({ width: 390, height: 800 });
      await person.page.goto(scheduled.structured.approval_url);
      await expect(person.page.getByText('We are live today.').first().textContent()).resolves.toContain(
        'live',
      );
      await person.page.getByRole('button', { name: 'Approve' }).click();
      await vi.waitFor(async () => {
        const answer = await editor.callTool('get_post', { post_id: postId });
        expect(answer.structured.deliveries[0]!.state).toBe('scheduled');
      });

      await moveTime(server.running.context, { hours: 1 });
      const published = await waitUntilPublished(editor, postId);
      await person.page.goto(published.deliveries[0]!.url!);
      expect(await person.page.getByText('We are live today.').count()).toBe(1);
      await person.page.goto(`${server.url}/playground`);
      expect(await person.page.getByText('We are live today.').count()).toBe(1);

      const posts = await editor.callTool('list_posts', { state: ['published'] });
      expect(posts.structured.items.map((item: { id: string }) => item.id)).toEqual([postId]);
      expect(editor.wire.at(-1)).toMatchObject({ path: '/mcp', protocolVersion: EXPECTED_PROTOCOL[kind] });
      expect(editor.prompts).toBe(1);
    },
  );

  it('publishes a post scheduled 60 days ahead by a client that then stays silent', async () => {
    await using server = await startTestServer();
    const { editor, person } = await connectEditor(server, 'Publish for me');
    const { postId, rev } = await draftPost(editor, 'Two months later.');
    const at = new Date(Date.now() + 60 * DAY_MS).toISOString();
    const scheduled = await editor.callTool('schedule_post', { post_id: postId, expected_rev: rev, at });
    expect(scheduled.structured).toMatchObject({ state: 'scheduled' });
    await editor[Symbol.asyncDispose]();

    await moveTime(server.running.context, { days: 59 });
    await server.restart();
    await moveTime(server.running.context, { days: 1 });

    await person.signIn(server.url);
    await vi.waitFor(
      async () => {
        await person.page.goto(`${server.url}/playground`);
        expect(await person.page.getByText('Two months later.').count()).toBe(1);
      },
      { timeout: 15_000, interval: 200 },
    );
  });

  it('publishes what was scheduled before a replayed refresh token ended the family', async () => {
    await using server = await startTestServer();
    const { editor, person } = await connectEditor(server, 'Publish for me');
    const { postId, rev } = await draftPost(editor, 'Scheduled before the theft.');
    const at = new Date(Date.now() + 61 * HOUR_MS).toISOString();
    await editor.callTool('schedule_post', { post_id: postId, expected_rev: rev, at });

    const stolen = editor.tokens()!.refresh_token!;
    await moveTime(server.running.context, { hours: 30 });
    await editor.callTool('list_channels', {});
    await moveTime(server.running.context, { hours: 30 });
    await editor.callTool('list_channels', {});
    const replay = await replayRefreshToken(server, editor, stolen);
    expect(replay).toMatchObject({ status: 400, error: 'invalid_grant' });
    const tokens = editor.tokens()!;
    const dead = await fetch(server.mcpUrl, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.access_token}`, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(dead.status).toBe(401);
    await editor[Symbol.asyncDispose]();
    await person.signIn(server.url);
    await moveTime(server.running.context, { hours: 1 });

    await vi.waitFor(
      async () => {
        await person.page.goto(`${server.url}/posts/${postId}`);
        expect(await person.page.getByText('Published').first().isVisible()).toBe(true);
      },
      { timeout: 15_000, interval: 200 },
    );
  });

  async function replayRefreshToken(server: TestServer, editor: Editor, refreshToken: string) {
    const response = await fetch(`${server.url}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: editor.clientId(),
      }),
    });
    const body = (await response.json()) as { error?: string };
    return { status: response.status, error: body.error };
  }
});

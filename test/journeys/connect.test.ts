import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { launchBrowser, openBrowserPerson } from '../support/browser.ts';
import { createEditor, EDITOR_KINDS, EXPECTED_PROTOCOL, type Editor } from '../support/editor.ts';
import { moveTime } from '../support/move-time.ts';
import { OWNER, startTestServer, type TestServer } from '../support/test-server.ts';

/** Journey 1 of the product: an unknown client connects once and stays connected. */
describe.each(EDITOR_KINDS)('connecting with %s', (kind) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  async function connectEditor(
    server: TestServer,
    options: { neverRefreshes?: boolean } = {},
  ): Promise<Editor> {
    const person = await openBrowserPerson(browser, OWNER);
    const editor = await createEditor({
      kind,
      mcpUrl: server.mcpUrl,
      onAuthorize: (url) => person.allow(url),
      ...options,
    });
    await editor.connect();
    return editor;
  }

  it('starts from nothing but the URL, asks the person once and sees the tools it was allowed', async () => {
    await using server = await startTestServer();
    await using editor = await connectEditor(server);

    expect(editor.wire[0]).toMatchObject({ path: '/mcp', status: 401 });
    const tools = await editor.listTools();
    expect(tools).toContain('schedule_post');
    expect(tools).not.toContain('publish_post');

    const answer = await editor.callTool('list_channels', {});
    expect(answer.structured.items).toEqual([
      expect.objectContaining({ network: 'playground', status: 'ok' }),
    ]);
    const calls = editor.wire.filter(
      (entry) => entry.path === '/mcp' && entry.method === 'POST' && entry.status === 200,
    );
    expect(calls.at(-1)!.protocolVersion).toBe(EXPECTED_PROTOCOL[kind]);
    expect(editor.prompts).toBe(1);
    expect(editor.tokens()).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      scope: expect.stringContaining('schedule:write'),
    });
    expect(editor.tokens()!.scope).not.toContain('posts:publish');
  });

  it('asks a person who is signed in for one click', async () => {
    await using server = await startTestServer();
    const person = await openBrowserPerson(browser, OWNER);
    await person.signIn(server.url);
    let sawSignIn = false;
    await using editor = await createEditor({
      kind,
      mcpUrl: server.mcpUrl,
      onAuthorize: async (url) => {
        await person.page.goto(String(url));
        sawSignIn = await person.page.getByLabel('Password').isVisible();
        await person.page.getByRole('button', { name: 'Allow' }).click();
        await person.page.waitForURL((at) => at.pathname === '/callback');
      },
    });
    await editor.connect();
    expect(sawSignIn).toBe(false);
    expect((await editor.callTool('list_campaigns', {})).isError).toBe(false);
  });

  it.each([
    { title: 'with soft expiry', settings: {} },
    { title: 'with strict expiry, by refreshing', settings: { TOKEN_STRICT: 'true' } },
  ])('works the next morning, after a restart, and nobody is asked ($title)', async ({ settings }) => {
    await using server = await startTestServer(settings);
    await using editor = await connectEditor(server);
    await editor.callTool('list_channels', {});
    const yesterday = editor.tokens()!.access_token;

    await moveTime(server.running.context, { hours: 9 });
    await server.restart();
    editor.claimSession('a-session-of-yesterday');

    expect((await editor.callTool('list_channels', {})).isError).toBe(false);
    expect(editor.prompts).toBe(1);
    expect(editor.tokens()!.access_token === yesterday).toBe(settings.TOKEN_STRICT !== 'true');
  });

  it('works for three days of daily use for a client that never refreshes', async () => {
    await using server = await startTestServer();
    await using editor = await connectEditor(server, { neverRefreshes: true });
    for (let day = 1; day <= 3; day += 1) {
      await moveTime(server.running.context, { hours: 23 });
      await server.restart();
      expect((await editor.callTool('list_channels', {})).isError).toBe(false);
    }
    expect(editor.prompts).toBe(1);
  });

  it('works for three days of daily use for a client that lost its refresh token', async () => {
    await using server = await startTestServer();
    await using editor = await connectEditor(server);
    await moveTime(server.running.context, { hours: 9 });
    await server.restart({ TOKEN_STRICT: 'true' });
    await editor.callTool('list_channels', {});
    editor.loseRefreshToken();
    for (let day = 1; day <= 3; day += 1) {
      await moveTime(server.running.context, { hours: 23 });
      await server.restart();
      expect((await editor.callTool('list_channels', {})).isError).toBe(false);
    }
    expect(editor.prompts).toBe(1);
  });

  it('refuses when the person denies, and says so to the client', async () => {
    await using server = await startTestServer();
    const person = await openBrowserPerson(browser, OWNER);
    await person.signIn(server.url);
    let callbackUrl = new URL('about:blank');
    await using editor = await createEditor({
      kind,
      mcpUrl: server.mcpUrl,
      onAuthorize: async (url) => {
        await person.page.goto(String(url));
        await person.page.getByRole('button', { name: 'Deny' }).click();
        await person.page.waitForURL((at) => at.pathname === '/callback');
        callbackUrl = new URL(person.page.url());
      },
    });
    await expect(editor.connect()).rejects.toThrow();
    expect(callbackUrl.searchParams.get('error')).toBe('access_denied');
    expect(callbackUrl.searchParams.get('iss')).toBe(server.url);
  });
});

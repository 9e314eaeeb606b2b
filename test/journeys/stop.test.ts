import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { launchBrowser, openBrowserPerson, type BrowserPerson } from '../support/browser.ts';
import { createEditor, EDITOR_KINDS, EXPECTED_PROTOCOL, type Editor } from '../support/editor.ts';
import { moveTime } from '../support/move-time.ts';
import { OWNER, startTestServer, type TestServer } from '../support/test-server.ts';

const HOUR_MS = 3_600_000;

/** Journey 3 of the product: one client is revoked; its posts are held and handed over; every other client goes on. */
describe.each(EDITOR_KINDS)('stopping %s', (kind) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  async function connectEditor(server: TestServer, person: BrowserPerson): Promise<Editor> {
    const editor = await createEditor({
      kind,
      mcpUrl: server.mcpUrl,
      onAuthorize: (url) => person.allow(url, 'Publish for me'),
    });
    await editor.connect();
    return editor;
  }

  async function schedulePost(editor: Editor, text: string): Promise<string> {
    const channels = await editor.callTool('list_channels', {});
    const campaign = await editor.callTool('create_campaign', { name: text, goal: 'Stop in time' });
    const post = await editor.callTool('create_post', {
      campaign_id: campaign.structured.campaign_id,
      channel_ids: [channels.structured.items[0]!.id],
      text,
    });
    const scheduled = await editor.callTool('schedule_post', {
      post_id: post.structured.post_id,
      expected_rev: post.structured.rev,
      at: new Date(Date.now() + HOUR_MS).toISOString(),
    });
    expect(scheduled.structured.state).toBe('scheduled');
    return post.structured.post_id;
  }

  it('revokes one client at once, holds its posts, lets a person take them over, and leaves the other alone', async () => {
    await using server = await startTestServer();
    const person = await openBrowserPerson(browser, OWNER);
    await using lost = await connectEditor(server, person);
    await using kept = await connectEditor(server, person);
    const heldPostId = await schedulePost(lost, 'Held with the lost laptop');
    const keptPostId = await schedulePost(kept, 'Goes out as planned');

    await person.page.goto(`${server.url}/connections`);
    // The newest connection stands first: the lost one was made before the kept one.
    await person.page
      .getByRole('link', { name: /^Revoke/ })
      .last()
      .click();
    await person.page.getByRole('button', { name: /^Revoke/ }).click();

    const refused = await fetch(server.mcpUrl, {
      method: 'POST',
      headers: { authorization: `Bearer ${lost.tokens()!.access_token}`, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect((await kept.callTool('list_channels', {})).isError).toBe(false);

    await moveTime(server.running.context, { hours: 1 });
    await vi.waitFor(
      async () => {
        const answer = await kept.callTool('get_post', { post_id: keptPostId });
        expect(answer.structured.deliveries[0]!.state).toBe('published');
      },
      { timeout: 15_000, interval: 100 },
    );
    const held = await kept.callTool('get_post', { post_id: heldPostId });
    expect(held.structured.deliveries[0]).toMatchObject({ state: 'held' });
    expect(held.structured.deliveries[0]!.problem).toMatchObject({ code: 'connection_revoked' });

    await person.page.goto(`${server.url}/connections`);
    await person.page
      .getByRole('button', { name: /Hand over to me/ })
      .first()
      .click();
    await vi.waitFor(
      async () => {
        const answer = await kept.callTool('get_post', { post_id: heldPostId });
        expect(answer.structured.deliveries[0]!.state).toBe('published');
      },
      { timeout: 15_000, interval: 100 },
    );
    expect(kept.wire.at(-1)).toMatchObject({ path: '/mcp', protocolVersion: EXPECTED_PROTOCOL[kind] });
  });
});

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Browser } from 'playwright-core';

import { launchBrowser, openBrowserPerson, type BrowserPerson } from '../support/browser.ts';
import { createEditor, EDITOR_KINDS, EXPECTED_PROTOCOL } from '../support/editor.ts';
import { moveTime } from '../support/move-time.ts';
import { OWNER, startTestServer } from '../support/test-server.ts';
import { startRealPds, type RealAccount, type RealPds } from './real-pds.ts';

const HOUR_MS = 3_600_000;

let pds: RealPds;
let browser: Browser;
beforeAll(async () => {
  pds = await startRealPds();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await pds[Symbol.asyncDispose]();
});

async function linkInBrowser({ page }: BrowserPerson, origin: string, account: RealAccount): Promise<void> {
  await page.goto(`${origin}/channels/link/bluesky`);
  await page.getByLabel('Handle').fill(account.handle);
  await page.getByLabel('App password').fill(account.appPassword);
  await page.getByText('The account is on a server of its own').click();
  await page.getByLabel('Server address').fill(pds.url);
  await page.getByRole('button', { name: 'Link the account' }).click();
  await page.waitForURL((url) => url.pathname === '/channels');
}

/** Journey 2 of the product with an account on a real Bluesky server. */
describe.each(EDITOR_KINDS)('publishing to Bluesky with %s', (kind) => {
  test('a channel is linked in the browser, a post scheduled in the editor, approved by a person and live once', async () => {
    await using server = await startTestServer({ ALLOW_PRIVATE_HOSTS: 'localhost,127.0.0.1' });
    const person = await openBrowserPerson(browser, OWNER);
    const account = await pds.createAccount(kind === 'sdk 1.x' ? 'earlier' : 'modern');
    await person.signIn(server.url);
    await linkInBrowser(person, server.url, account);

    await using editor = await createEditor({
      kind,
      mcpUrl: server.mcpUrl,
      onAuthorize: (url) => person.allow(url),
    });
    await editor.connect();
    const channels = await editor.callTool('list_channels', { network: 'bluesky' });
    const campaign = await editor.callTool('create_campaign', { name: 'Launch', goal: 'Tell the world' });
    const text = 'We are live: https://example.com/launch #launch 👩‍🚀';
    const post = await editor.callTool('create_post', {
      campaign_id: campaign.structured.campaign_id,
      channel_ids: [channels.structured.items[0]!.id],
      text,
    });
    const { post_id: postId, rev } = post.structured;
    const preview = await editor.callTool('preview_post', { post_id: postId });
    expect(preview.structured).toMatchObject({ ready: true, channels: [{ limit: 300 }] });
    const scheduled = await editor.callTool('schedule_post', {
      post_id: postId,
      expected_rev: rev,
      at: new Date(Date.now() + HOUR_MS).toISOString(),
    });
    expect(scheduled.structured.state).toBe('awaiting_approval');
    await person.page.goto(scheduled.structured.approval_url);
    await person.page.getByRole('button', { name: 'Approve' }).click();
    await person.page.waitForURL((url) => !url.pathname.endsWith('/approve'));

    await moveTime(server.running.context, { hours: 1 });
    const delivery = await vi.waitFor(
      async () => {
        const answer = await editor.callTool('get_post', { post_id: postId });
        expect(answer.structured.deliveries[0]!.state).toBe('published');
        return answer.structured.deliveries[0]!;
      },
      { timeout: 30_000, interval: 200 },
    );
    const live = await pds.listPosts(account.did);
    expect(live).toHaveLength(1);
    expect(live[0]!.value).toMatchObject({ text, facets: [{}, {}] });
    expect(delivery.url).toContain(live[0]!.uri.split('/').at(-1)!);
    expect(editor.wire.at(-1)).toMatchObject({ path: '/mcp', protocolVersion: EXPECTED_PROTOCOL[kind] });
  });
});

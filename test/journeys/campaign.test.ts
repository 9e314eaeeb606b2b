import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';

import { launchBrowser, openBrowserPerson, type BrowserPerson } from '../support/browser.ts';
import { createEditor, EDITOR_KINDS, type Editor } from '../support/editor.ts';
import { moveTime } from '../support/move-time.ts';
import { OWNER, startTestServer, type TestServer } from '../support/test-server.ts';

const MOST_CALLS = 14;

const channels = z.object({
  items: z.array(z.object({ id: z.string(), imitates: z.string().nullable() })),
});
const campaign = z.object({ campaign_id: z.string() });
const captions = z.object({
  mode: z.literal('host_writes'),
  rules: z.array(z.object({ network: z.string(), limit: z.int() })),
});
const media = z.object({ media_id: z.string(), state: z.literal('ready') });
const post = z.object({
  post_id: z.string(),
  rev: z.int(),
  captions: z.array(z.object({ ok: z.literal(true) })),
});
const preview = z.object({
  ready: z.literal(true),
  channels: z.array(z.object({ media: z.array(z.object({ width: z.int() })).length(1) })).length(2),
});
const scheduled = z.object({ state: z.literal('awaiting_approval'), approval_url: z.url() });
const published = z.object({
  deliveries: z.array(z.object({ state: z.literal('published'), url: z.url() })).length(2),
});
const metrics = z.object({ channels: z.array(z.object({ likes: z.int().nullable() })).length(2) });
const activity = z.object({ items: z.array(z.object({ tool: z.string(), result: z.string() })) });

const TEXT = {
  x: 'Our summer menu is here. Twelve dishes, all from farms within 40 miles. #SummerMenu',
  linkedin:
    'Our summer menu is here.\n\nTwelve dishes, all from farms within 40 miles: good for guests, and for the people who grow the food.\n\nWhich one would you order first?',
};

/** The whole of what the product is for, as a person's editor does it; the person only approves and looks. */
describe.each(EDITOR_KINDS)('a campaign from brief to numbers with %s', (kind) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it(`goes through with at most ${MOST_CALLS} calls`, async () => {
    await using server = await startTestServer();
    const person = await openBrowserPerson(browser, OWNER);
    await addPracticeChannels(server, person, ['x', 'linkedin']);
    await using editor = await createEditor({
      kind,
      mcpUrl: server.mcpUrl,
      onAuthorize: (url) => person.allow(url),
    });
    await editor.connect();
    const conversation = countedConversation(editor);

    const linked = channels.parse(await conversation.call('list_channels', {}));
    const channelIds = ['x', 'linkedin'].map(
      (name) => linked.items.find(({ imitates }) => imitates === name)!.id,
    );
    const { campaign_id } = campaign.parse(
      await conversation.call('create_campaign', {
        name: 'Summer menu',
        goal: 'Fill the terrace in July',
        audience: 'People who live nearby',
        key_messages: ['Twelve new dishes', 'Everything from farms within 40 miles'],
        channel_ids: channelIds,
        client_ref: 'summer-menu',
      }),
    );
    const wish = { campaign_id, networks: ['x', 'linkedin'], tone: 'friendly' };
    const { rules } = captions.parse(await conversation.call('generate_captions', wish));
    expect(rules.map(({ network, limit }) => [network, limit])).toEqual([
      ['x', 280],
      ['linkedin', 3000],
    ]);
    const card = {
      title: 'The summer menu is here',
      subtitle: 'From 1 July',
      theme: 'light',
      size: 'landscape',
    };
    const { media_id } = media.parse(await conversation.call('upload_media', { card, campaign_id }));
    const { post_id, rev } = post.parse(
      await conversation.call('create_post', {
        campaign_id,
        channel_ids: channelIds,
        text: TEXT.linkedin,
        overrides: [{ channel_id: channelIds[0], text: TEXT.x }],
        media_ids: [media_id],
        client_ref: 'summer-menu-1',
      }),
    );
    preview.parse(await conversation.call('preview_post', { post_id }));
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const { approval_url } = scheduled.parse(
      await conversation.call('schedule_post', { post_id, expected_rev: rev, at }),
    );

    await approveOnPhone(person, approval_url);
    await moveTime(server.running.context, { hours: 1 });
    await waitUntilShown(person, `${server.url}/posts/${post_id}`, 'Published');

    published.parse(await conversation.call('get_post', { post_id }));
    await waitUntilMeasured(server, post_id);
    metrics.parse(await conversation.call('get_post_metrics', { post_id }));
    const night = activity.parse(await conversation.call('list_activity', { post_id }));
    expect(night.items.map(({ tool }) => tool)).toEqual(
      expect.arrayContaining(['delivery.published', 'post.approved', 'schedule_post', 'create_post']),
    );

    expect(conversation.calls).toBeLessThanOrEqual(MOST_CALLS);
    process.stdout.write(
      `TARGET conversation ${conversation.tokens} tokens in ${conversation.calls} calls of ${MOST_CALLS} (${kind}) ok\n`,
    );
  });
});

/** Counts what a model reads and writes: each call with its arguments, each result in full. */
function countedConversation(editor: Editor) {
  const counted = {
    calls: 0,
    tokens: 0,
    async call(name: string, input: Record<string, unknown>): Promise<unknown> {
      const answer = await editor.callTool(name, input);
      if (answer.isError) throw new Error(`${name}: ${answer.text}`);
      counted.calls += 1;
      const exchange = JSON.stringify({ name, input }) + answer.text + JSON.stringify(answer.structured);
      counted.tokens += encode(exchange).length;
      return answer.structured;
    },
  };
  return counted;
}

async function addPracticeChannels(
  server: TestServer,
  person: BrowserPerson,
  networks: string[],
): Promise<void> {
  await person.signIn(server.url);
  for (const network of networks) {
    await person.page.goto(`${server.url}/channels`);
    await person.page.locator('select[name="imitates"]').selectOption(network);
    await person.page.getByRole('button', { name: 'Add the practice channel' }).click();
    await person.page.waitForURL(/\/channels/);
  }
}

async function approveOnPhone({ page }: BrowserPerson, approvalUrl: string): Promise<void> {
  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto(approvalUrl);
  const pictures = page.getByRole('img', { name: 'The summer menu is here' });
  expect(await pictures.count()).toBeGreaterThanOrEqual(2);
  const widths = await pictures.evaluateAll((shown) =>
    shown.map((image) => (image as HTMLImageElement).naturalWidth),
  );
  for (const width of widths) expect(width).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.waitForURL(/\/posts\/pst_[0-9a-f]+(\?|$)/);
}

async function waitUntilShown({ page }: BrowserPerson, url: string, text: string): Promise<void> {
  await vi.waitFor(
    async () => {
      await page.goto(url);
      expect(await page.getByText(text).count()).toBeGreaterThanOrEqual(2);
    },
    { timeout: 20_000, interval: 200 },
  );
}

/** Its first numbers are asked for some minutes after it went out. */
async function waitUntilMeasured({ running }: TestServer, postId: string): Promise<void> {
  await moveTime(running.context, { hours: 1 });
  await vi.waitFor(
    async () => {
      const measured = await running.context.db.metricSnapshot.count({ where: { delivery: { postId } } });
      expect(measured).toBeGreaterThanOrEqual(2);
    },
    { timeout: 20_000, interval: 200 },
  );
}

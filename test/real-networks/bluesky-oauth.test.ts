import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { openCredentials, sealCredentials } from '../../server/channels/credentials.ts';
import type { Context } from '../../server/context.ts';
import { notifyDue } from '../../server/deliveries/notify-due.ts';
import { takeDownPost } from '../../server/deliveries/take-down-post.ts';
import { readBlueskyOauth } from '../../server/networks/bluesky-access.ts';
import { createBlueskyOauth, type BlueskyMemory } from '../../server/networks/bluesky-oauth.ts';
import { startWorkers, type RunningWorkers } from '../../workers/start-workers.ts';
import { createScene, OWNER } from '../http/support/scene.ts';
import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { readDelivery, scheduleTestDelivery, type PublishingTeam } from '../publishing/fixtures.ts';
import { attachPictures } from '../publishing/picture-fixtures.ts';
import { launchBrowser, openBrowserPerson } from '../support/browser.ts';
import { ACCOUNT_PASSWORD, startRealPds, type RealAccount, type RealPds } from './real-pds.ts';

const WAIT = { timeout: 45_000, interval: 50 };

let pds: RealPds;
let server: PagesServer;
let context: Context;
let team: PublishingTeam;
let browser: Browser;
let workers: RunningWorkers;
let account: RealAccount;

beforeAll(async () => {
  pds = await startRealPds();
  server = await startPagesServer({
    ALLOW_PRIVATE_HOSTS: 'localhost,127.0.0.1',
    BLUESKY_SERVICE_URL: pds.url,
    BLUESKY_DIRECTORY_URL: pds.directoryUrl,
  });
  ({ context } = server);
  const { owner, campaignId, channelId: playgroundChannelId } = await createScene(context);
  const person = await context.db.person.findUniqueOrThrow({ where: { id: owner.personId } });
  const owned = await context.db.team.findUniqueOrThrow({ where: { id: owner.teamId } });
  team = { person, team: owned, caller: owner, playgroundChannelId, campaignId, clientId: '' };
  browser = await launchBrowser();
  workers = await startWorkers(context);
});
afterAll(async () => {
  await workers.stop();
  await browser.close();
  await server[Symbol.asyncDispose]();
  await pds[Symbol.asyncDispose]();
});

let names = 0;
beforeEach(async () => {
  names += 1;
  account = await pds.createAccount(`olga${names}`);
});

/** Goes to the account's own pages, signs in there and presses a button. */
async function goThroughPages(page: Page, answer: 'Authorize' | 'Deny access'): Promise<void> {
  await page.goto(`${server.url}/channels/link/bluesky`);
  await page.getByLabel('Account').fill(account.handle);
  await page.getByRole('button', { name: 'Continue to Bluesky' }).click();
  await page.waitForURL((url) => url.origin === pds.url);
  const button = page.getByRole('button', { name: answer });
  const password = page.locator('input[type=password]');
  await button.or(password).first().waitFor();
  if (await password.isVisible()) {
    await password.fill(ACCOUNT_PASSWORD);
    await page.getByRole('button', { name: /sign in|next/i }).click();
  }
  await button.click();
  await page.waitForURL((url) => url.origin === server.url);
}

async function link(): Promise<string> {
  const person = await openBrowserPerson(browser, OWNER);
  await person.signIn(server.url);
  await goThroughPages(person.page, 'Authorize');
  expect(new URL(person.page.url()).search).toBe('?done=linked');
  await person.browserContext.close();
  const { id } = await context.db.channel.findFirstOrThrow({ where: { remoteAccountId: account.did } });
  return id;
}

const rowOf = (channelId: string) => context.db.channel.findUniqueOrThrow({ where: { id: channelId } });

async function credentialsOf(channelId: string) {
  const { credentials } = await rowOf(channelId);
  return readBlueskyOauth(openCredentials(context, { teamId: team.team.id, channelId }, credentials));
}

async function changeSession(channelId: string, change: (session: { tokenSet: object }) => void) {
  const credentials = await credentialsOf(channelId);
  change(credentials.session);
  const key = { teamId: team.team.id, channelId };
  const sealed = sealCredentials(context, key, JSON.stringify(credentials));
  await context.db.channel.update({ where: { id: channelId }, data: { credentials: sealed } });
}

async function publish(channelId: string, parts: string[], state = 'published') {
  const delivery = await scheduleTestDelivery(context, team, { channelId, parts, dueInSeconds: 3600 });
  await attachPictures(context, team, delivery, ['A harbour']);
  await context.db.$executeRaw`
    update delivery set due_at = clock_timestamp(), not_before = clock_timestamp() where id = ${delivery.id}`;
  await notifyDue(context.db);
  const read = () => readDelivery(context, delivery.id);
  await vi.waitFor(async () => expect(await read()).toMatchObject({ state }), WAIT);
  return { ...(await read()), postId: delivery.postId };
}

test("an account is linked by its server's own pages, with no more than it needs", async () => {
  const channelId = await link();
  expect(await rowOf(channelId)).toMatchObject({
    ...{ network: 'bluesky', handle: account.handle, status: 'ok' },
    grantedScopes: expect.arrayContaining(['atproto', 'repo:app.bsky.feed.post', 'blob:image/*']),
  });
  const { session } = await credentialsOf(channelId);
  expect(session.tokenSet['scope']).not.toContain('transition');
});

test('a denial links nothing, and says so', async () => {
  const person = await openBrowserPerson(browser, OWNER);
  await person.signIn(server.url);
  await goThroughPages(person.page, 'Deny access');
  expect(await person.page.textContent('main')).toContain('You did not allow it on Bluesky');
  expect(await context.db.channel.count({ where: { remoteAccountId: account.did } })).toBe(0);
});

test('a post and a thread go out once, signed call by call, and can be taken down', async () => {
  const channelId = await link();
  await publish(channelId, ['By its own pages']);
  const thread = await publish(channelId, ['One', 'Two', 'Three']);
  const posts = await pds.listPosts(account.did);
  expect(posts.map(({ value }) => value['text'])).toEqual(['Three', 'Two', 'One', 'By its own pages']);
  expect(posts[0]!.value).toMatchObject({ reply: { root: { uri: posts[2]!.uri } } });
  await takeDownPost(context, team.caller, { postId: thread.postId, reason: 'A test' });
  expect(await pds.listPosts(account.did)).toHaveLength(1);
});

test('an access token that is over is renewed, once, and the post goes out', async () => {
  const channelId = await link();
  const before = await credentialsOf(channelId);
  await changeSession(channelId, ({ tokenSet }) => Object.assign(tokenSet, { access_token: 'over' }));
  await publish(channelId, ['After the renewal']);
  const after = await credentialsOf(channelId);
  expect(after.session.tokenSet['refresh_token']).not.toBe(before.session.tokenSet['refresh_token']);
  const data = { tokenExpiresAt: new Date(Date.now() - 1000) };
  await context.db.channel.update({ where: { id: channelId }, data });
  await publish(channelId, ['After it ran out']);
  expect((await rowOf(channelId)).tokenExpiresAt!.getTime()).toBeGreaterThan(Date.now());
  expect(await pds.listPosts(account.did)).toHaveLength(2);
});

test('a link that the person took back holds the post and asks to link again; linked again it goes out', async () => {
  const channelId = await link();
  const { session } = await credentialsOf(channelId);
  const oauth = createBlueskyOauth({ ...context, publicUrl: server.url });
  const memory = { session } as unknown as BlueskyMemory;
  await (await oauth.open(memory, context.fetch)).revoke(account.did);
  await changeSession(channelId, ({ tokenSet }) => Object.assign(tokenSet, { access_token: 'over' }));
  const held = await publish(channelId, ['It waits'], 'held');
  expect(held).toMatchObject({ problemCode: 'channel_needs_reconnect' });
  expect(await rowOf(channelId)).toMatchObject({ status: 'needs_reconnect' });
  expect(await link()).toBe(channelId);
  await vi.waitFor(async () => expect(await pds.listPosts(account.did)).toHaveLength(1), WAIT);
});

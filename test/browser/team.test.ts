import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { addMember, addPost, createScene, OWNER, type Scene } from '../http/support/scene.ts';
import { launchBrowser, type Credentials } from '../support/browser.ts';

let browser: Browser;
let server: PagesServer;
let scene: Scene;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startPagesServer();
  scene = await createScene(server.context);
  await addPost(server.context, scene, { text: 'Goes out soon', state: 'scheduled' });
});
afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

async function open(path: string, credentials: Credentials = OWNER) {
  const phone = { viewport: { width: 390, height: 800 }, javaScriptEnabled: false };
  const page = await (await browser.newContext(phone)).newPage();
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel('Email').fill(credentials.email);
  await page.getByLabel('Password').fill(credentials.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${server.url}/`);
  await page.goto(`${server.url}${path}`);
  return page;
}

it('an owner changes the time zone on a phone by keyboard, without JavaScript, and sees first what it does', async () => {
  const page = await open('/people');
  await page.getByRole('link', { name: 'Team', exact: true }).first().press('Enter');
  await page.getByLabel('Time zone', { exact: true }).selectOption('Asia/Tokyo');
  await page.getByRole('button', { name: 'Save' }).press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Change the time zone to Asia/Tokyo?' }).waitFor();
  expect(await page.getByText('becomes').textContent()).toMatch(/GMT\+9$/);
  await page.getByRole('button', { name: 'Change it' }).press('Enter');
  await page.waitForURL(/\/team\?done=team_changed$/);
  expect(await page.locator(':focus').textContent()).toContain('Saved. It counts from now on.');
  expect(await page.getByLabel('Time zone', { exact: true }).inputValue()).toBe('Asia/Tokyo');
  await page.context().close();
});

it('a viewer reads the same and finds the way to everything', async () => {
  const viewer = await addMember(server.context, scene.owner.teamId, 'viewer');
  const page = await open('/team', viewer);
  expect(await page.getByRole('button', { name: 'Save' }).count()).toBe(0);
  for (const name of ['People', 'Rules', 'Approvals', 'Webhooks', 'Stop publishing', 'Trash', 'Playground']) {
    await page.locator('main').getByRole('link', { name, exact: true }).press('Enter');
    expect(await page.getByRole('heading', { level: 1 }).count(), name).toBe(1);
    await page.goto(`${server.url}/team`);
  }
  await page.context().close();
});

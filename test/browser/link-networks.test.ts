import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { newId } from '../../server/ids.ts';
import { startNetworksRig, type NetworksRig } from '../channels/networks-rig.ts';
import { addMember, createScene, OWNER, type Scene } from '../http/support/scene.ts';
import { launchBrowser, openBrowserPerson, type BrowserPerson } from '../support/browser.ts';
import { shoot } from './support/consent-visit.ts';

let rig: NetworksRig;
let scene: Scene;
let browser: Browser;
let person: BrowserPerson;
let page: Page;

beforeAll(async () => {
  rig = await startNetworksRig();
  browser = await launchBrowser();
  scene = await createScene(rig.server.context);
  rig.x.addAccount({ id: '77', username: 'harbour_x' });
  rig.x.addAccount({ id: '78', username: 'other_x' });
  const { urn } = rig.linkedin.addMember('Ada Harbour');
  rig.linkedin.addOrganization('Harbour Bakery GmbH', urn);
  rig.mastodon.addAccount('harbour');
  rig.threads.graph.addAccount('harbour.threads');
  rig.instagram.graph.addAccount('harbour.photos');
  rig.facebook.addPage('Ada', { name: 'Harbour Bakery' });
  rig.facebook.addPage('Ada', { name: 'Harbour Café' });
  rig.facebook.addPage('Bob', { name: 'Somebody’s Page', tasks: ['ANALYZE'] });
});
afterAll(async () => {
  await browser.close();
  await rig[Symbol.asyncDispose]();
});
beforeEach(async () => {
  person = await openBrowserPerson(browser, OWNER);
  ({ page } = person);
  await person.signIn(rig.server.url);
});
afterEach(() => person.browserContext.close());

interface Pressed {
  answer?: 'Allow' | 'Deny';
  account?: string | undefined;
  without?: string[];
}

const NAMES: Record<string, string> = {
  ...{ x: 'X', linkedin: 'LinkedIn', mastodon: 'Mastodon' },
  ...{ threads: 'Threads', instagram: 'Instagram', facebook: 'Facebook' },
};

/** From the page for linking to the network's pages and back. */
async function goThrough(
  network: string,
  { answer = 'Allow', account, without }: Pressed = {},
): Promise<void> {
  if (network === 'mastodon') {
    const server = page.getByLabel('Server');
    if ((await server.inputValue()) === '') await server.fill(rig.mastodon.url);
  }
  await page.getByRole('button', { name: `Continue to ${NAMES[network]}` }).click();
  await page.getByRole('button', { name: answer }).waitFor();
  if (account) await page.getByLabel('Account').selectOption(account);
  for (const scope of without ?? []) await page.getByLabel(scope, { exact: true }).uncheck();
  await page.getByRole('button', { name: answer }).click();
  await page.waitForURL((url) => url.origin === rig.server.url);
}

async function link(network: string, pressed?: Pressed): Promise<string> {
  await page.goto(`${rig.server.url}/channels`);
  await page.getByRole('link', { name: `Link an account of ${NAMES[network]}`, exact: true }).click();
  await goThrough(network, pressed);
  return page.locator('main').innerText();
}

const cardOf = (name: string) =>
  page.locator('section', { has: page.getByRole('heading', { level: 2, name, exact: true }) });

describe('an account is linked, and its channel says what to expect of it', () => {
  test.each([
    ['x', 'X · harbour_x', 'the account is read before anything is sent again'],
    ['threads', 'Threads · harbour.threads', 'the network itself keeps a post from going out again'],
    ['instagram', 'Instagram · harbour.photos', 'the network itself keeps a post from going out again'],
  ])('%s', async (network, name, guarantee) => {
    expect(await link(network, { account: network === 'x' ? '77' : undefined })).toContain('Linked.');
    const card = await cardOf(name).innerText();
    expect(card).toContain('Ready');
    expect(card).toContain(guarantee);
    expect(card).toContain('Not yet proven against the real service');
    await shoot(page, `linked-${network}`);
  });

  test('mastodon, on whichever server', async () => {
    expect(await link('mastodon')).toContain('Linked.');
    const { host } = new URL(rig.mastodon.url);
    expect(await cardOf(`Mastodon · harbour@${host}`).innerText()).toContain('Never twice');
  });

  test.each([
    [
      'linkedin',
      ['Ada Harbour', 'Harbour Bakery GmbH'],
      'LinkedIn · Harbour Bakery GmbH',
      'Link again before',
    ],
    ['facebook', ['Harbour Bakery', 'Harbour Café'], 'Facebook · Harbour Café', 'Ready'],
  ])('%s, of several those that were chosen', async (network, offered, chosen, says) => {
    await link(network);
    expect(await page.getByRole('checkbox').count()).toBe(2);
    for (const name of offered) expect(await page.getByLabel(name).isVisible()).toBe(true);
    await shoot(page, `choose-${network}`);
    await page.getByRole('button', { name: 'Link what is chosen' }).click();
    expect(await page.locator('main').innerText()).toContain('Choose at least one');
    await page.getByLabel(offered[1]!).check();
    await page.getByRole('button', { name: 'Link what is chosen' }).click();
    await page.waitForURL(/done=linked/);
    expect(await cardOf(chosen).innerText()).toContain(says);
    await shoot(page, `linked-${network}`);
  });
});

describe('nothing is linked', () => {
  const count = () => rig.server.context.db.channel.count();

  test.each(Object.keys(NAMES))('on %s by a person who denies it', async (network) => {
    const before = await count();
    const text = await link(network, { answer: 'Deny' });
    expect(text).toContain(`You did not allow it on ${NAMES[network]}. Nothing was linked.`);
    expect(await count()).toBe(before);
    await page.getByRole('link', { name: `Try ${NAMES[network]} again` }).click();
    expect(await page.getByRole('button', { name: `Continue to ${NAMES[network]}` }).isVisible()).toBe(true);
  });

  test.each([
    ['x', ['media.write']],
    ['linkedin', ['w_member_social', 'w_organization_social']],
    ['mastodon', ['write:statuses']],
    ['threads', ['threads_manage_replies']],
    ['instagram', ['instagram_business_content_publish']],
    ['facebook', ['pages_manage_posts']],
  ])('on %s without a permission that is needed, which is named', async (network, without) => {
    const before = await count();
    const text = await link(network, { without });
    await shoot(page, `missing-${network}`);
    expect(text).toContain('Not linked');
    expect(text).toContain(without[0]);
    expect(await count()).toBe(before);
  });

  test('on facebook by a person who may create on no Page', async () => {
    const before = await count();
    expect(await link('facebook', { account: 'Bob' })).toContain('There is no Page on which you may create');
    await shoot(page, 'none-facebook');
    expect(await count()).toBe(before);
  });
});

describe('linked again', () => {
  async function breakLink(network: string): Promise<string> {
    const { db } = rig.server.context;
    const { id } = await db.channel.findFirstOrThrow({ where: { network, teamId: scene.owner.teamId } });
    await db.channel.update({ where: { id }, data: { status: 'needs_reconnect' } });
    await page.goto(`${rig.server.url}/channels`);
    await page.locator(`#${id}`).getByRole('link', { name: 'Link it again' }).click();
    return id;
  }
  const statusOf = async (id: string) =>
    (await rig.server.context.db.channel.findUniqueOrThrow({ where: { id } })).status;

  test('an account on Mastodon is asked for at its own server', async () => {
    await link('mastodon');
    const id = await breakLink('mastodon');
    expect(await page.getByLabel('Server').inputValue()).toBe(`harbour@${new URL(rig.mastodon.url).host}`);
    await page.getByLabel('Server').fill('not a server');
    await page.getByRole('button', { name: 'Continue to Mastodon' }).click();
    expect(await page.getByLabel('Server').getAttribute('aria-invalid')).toBe('true');
    await shoot(page, 'wrong-server');
    await page.getByLabel('Server').fill(rig.mastodon.url);
    await goThrough('mastodon');
    expect(await statusOf(id)).toBe('ok');
  });

  test('with another account, it still waits, and a second try is for the same channel', async () => {
    await link('x', { account: '77' });
    const id = await breakLink('x');
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Link harbour_x on X again');
    await goThrough('x', { answer: 'Deny' });
    await page.getByRole('link', { name: 'Try X again' }).click();
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Link harbour_x on X again');
    await goThrough('x', { account: '78' });
    expect(await page.locator('main').innerText()).toContain('it is another account than the one');
    await shoot(page, 'another-x');
    expect(await statusOf(id)).toBe('needs_reconnect');
    await page.locator(`#${id}`).getByRole('link', { name: 'Link it again' }).click();
    await goThrough('x', { account: '77' });
    expect(await statusOf(id)).toBe('ok');
  });
});

test('the same account is a channel of each team that linked it, and one team ends its own alone', async () => {
  await link('threads');
  const other = await addMember(rig.server.context, scene.owner.teamId, 'editor');
  const team = await rig.server.context.db.team.create({
    data: { id: newId('team'), name: 'Second team', timeZone: 'Europe/Berlin' },
  });
  const { personId } = other.caller;
  await rig.server.context.db.membership.deleteMany({ where: { personId } });
  await rig.server.context.db.membership.create({ data: { teamId: team.id, personId, role: 'owner' } });
  const second = await openBrowserPerson(browser, other);
  await second.signIn(rig.server.url);
  const first = page;
  page = second.page;
  expect(await link('threads')).toContain('Linked.');
  await cardOf('Threads · harbour.threads').getByRole('link', { name: 'Disconnect' }).click();
  await shoot(page, 'disconnect');
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await page.waitForURL(/done=disconnected/);
  expect(await cardOf('Threads · harbour.threads').count()).toBe(0);
  await second.browserContext.close();
  page = first;
  await page.goto(`${rig.server.url}/channels`);
  expect(await cardOf('Threads · harbour.threads').innerText()).toContain('Ready');
});

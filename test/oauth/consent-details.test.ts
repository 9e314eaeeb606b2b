import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { newId } from '../../server/ids.ts';
import { SCOPES } from '../../server/scopes.ts';
import { ENGLISH } from '../../views/words/english.ts';
import type { ScriptedBrowser } from '../support/oauth-client.ts';
import { findWayBack, type Page } from '../support/oauth-client.ts';
import { createOwner, type TestOwner } from '../support/test-context.ts';
import { startOAuthApp, type OAuthApp } from './support/oauth-app.ts';
import { boxesOf, openConsent, textOf } from './support/open-consent.ts';

let app: OAuthApp;
let browser: ScriptedBrowser;
let other: TestOwner;
let secondChannelId: string;
beforeAll(async () => {
  app = await startOAuthApp();
  secondChannelId = newId('channel');
  await app.context.db.channel.create({
    data: {
      id: secondChannelId,
      teamId: app.owner.team.id,
      network: 'bluesky',
      handle: 'bakery.example',
      remoteAccountId: 'did:plc:bakery',
    },
  });
  // Another team of the same person, and one that is none of their business.
  const joined = await createOwner(app.context);
  await app.context.db.membership.create({
    data: { teamId: joined.team.id, personId: app.owner.person.id, role: 'editor' },
  });
  await app.context.db.team.update({ where: { id: joined.team.id }, data: { name: 'Zebra team' } });
  other = await createOwner(app.context);
});
beforeEach(async () => {
  browser = await app.openBrowser();
});
afterAll(() => app[Symbol.asyncDispose]());

const findConnection = (clientId: string) => app.context.db.connection.findFirst({ where: { clientId } });

async function rulesOf(clientId: string) {
  const connection = await findConnection(clientId);
  return app.context.db.policyRule.findMany({
    where: { connectionId: connection!.id },
    select: { channelId: true, condition: true, effect: true, postsPerDay: true, afterAt: true },
  });
}

const inTeam = () => ({ team: app.owner.team.id });
const publish = () => ({ ...inTeam(), preset: 'publish' });

async function expectRefused(clientId: string, page: Page, problem: keyof typeof ENGLISH.consent.problems) {
  expect(page.status).toBe(400);
  expect(textOf(page)).toContain(ENGLISH.consent.problems[problem]);
  expect(await findConnection(clientId)).toBeNull();
}

describe('single permissions', () => {
  it('are all ticked, behind one closed box', async () => {
    const { page } = await openConsent(app, browser);
    expect(page.html.match(/<details[^>]*>/g)).toEqual(['<details>']);
    const boxes = boxesOf(page);
    expect(SCOPES.map((scope) => boxes.get(`scope.${scope}`))).toEqual(SCOPES.map(() => true));
  });

  it('list only what was asked for', async () => {
    const { page } = await openConsent(app, browser, { scope: 'campaigns:read schedule:read' });
    const scopes = [...boxesOf(page).keys()].filter((name) => name.startsWith('scope.'));
    expect(scopes).toEqual(['scope.campaigns:read', 'scope.schedule:read']);
  });

  it('that nobody touched leave the choice as it is', async () => {
    const { client, page } = await openConsent(app, browser);
    await browser.submit(page, 'Allow', { ...inTeam(), preset: 'draft' });
    expect((await findConnection(client.clientId))!.scopes).toEqual(
      SCOPES.filter((scope) => scope !== 'schedule:write' && scope !== 'posts:publish'),
    );
  });

  it('only ever take away', async () => {
    const { client, page } = await openConsent(app, browser, { scope: 'campaigns:read captions:read' });
    await browser.submit(page, 'Allow', {
      ...inTeam(),
      preset: 'publish',
      'scope.captions:read': null,
      'scope.posts:publish': 'yes',
      'scope.campaigns:write': 'yes',
    });
    expect((await findConnection(client.clientId))!.scopes).toEqual(['campaigns:read']);
  });

  it('do not reach beyond the chosen preset', async () => {
    const { client, page } = await openConsent(app, browser);
    await browser.submit(page, 'Allow', { ...inTeam(), preset: 'look', 'scope.audit:read': null });
    expect((await findConnection(client.clientId))!.scopes).toEqual(
      SCOPES.filter((scope) => scope.endsWith(':read') && scope !== 'audit:read'),
    );
  });

  it('to change something keep the one to look at it', async () => {
    const { client, page } = await openConsent(app, browser);
    await browser.submit(page, 'Allow', { ...inTeam(), preset: 'draft', 'scope.media:read': null });
    expect((await findConnection(client.clientId))!.scopes).toContain('media:read');
  });

  it('are asked for again when none is left, and stay as they were', async () => {
    const { client, page } = await openConsent(app, browser, { scope: 'campaigns:read captions:read' });
    const none = { 'scope.campaigns:read': null, 'scope.captions:read': null };
    const again = await browser.submit(page, 'Allow', { ...inTeam(), ...none });
    await expectRefused(client.clientId, again, 'no_permission');
    expect(again.html).toContain('<details open');
    expect(boxesOf(again).get('scope.captions:read')).toBe(false);
    const done = await browser.submit(again, 'Allow', { 'scope.captions:read': 'yes' });
    expect(findWayBack(done)).toContain('code=');
    expect((await findConnection(client.clientId))!.scopes).toEqual(['captions:read']);
  });

  it('reach the token', async () => {
    const { client } = await openConsent(app, browser);
    const request = client.startAuthorization();
    const page = await browser.open(request.url);
    const answer = await browser.submit(page, 'Allow', { ...inTeam(), 'scope.audit:read': null });
    const code = new URL(findWayBack(answer)).searchParams.get('code')!;
    const { scope } = (await (await client.exchange(code, request)).json()) as { scope: string };
    expect(scope.split(' ')).not.toContain('audit:read');
    expect(scope.split(' ')).toContain('schedule:write');
  });
});

describe('the publishing policy', () => {
  it('names every channel of the person’s teams, ticked, and no other', async () => {
    const { page } = await openConsent(app, browser);
    const channels = [...boxesOf(page)].filter(([name]) => name.startsWith('channel.'));
    expect(channels.map(([name]) => name)).toContain(`channel.${secondChannelId}`);
    expect(channels.map(([name]) => name)).not.toContain(`channel.${other.playgroundChannelId}`);
    expect(channels.every(([, isTicked]) => isTicked)).toBe(true);
    expect(page.html).toContain('Bluesky · bakery.example');
  });

  it('is not there when publishing was not asked for', async () => {
    const { page } = await openConsent(app, browser, { scope: 'schedule:write' });
    expect(page.html).not.toContain('posts_per_day');
  });

  it('that nobody touched allows every channel, without cap or end', async () => {
    const { client, page } = await openConsent(app, browser);
    await browser.submit(page, 'Allow', publish());
    const rules = await rulesOf(client.clientId);
    expect(rules.map(({ condition, effect }) => [condition, effect])).toEqual([
      ['first_use', 'allow'],
      ['first_use', 'allow'],
    ]);
    expect(rules.map(({ channelId }) => channelId)).toContain(secondChannelId);
  });

  it('is stored as it was chosen; the last day is still allowed', async () => {
    const { client, page } = await openConsent(app, browser);
    await browser.submit(page, 'Allow', {
      ...publish(),
      [`channel.${secondChannelId}`]: null,
      posts_per_day: ' 3 ',
      until: '2030-12-31',
    });
    const rules = await rulesOf(client.clientId);
    const empty = { channelId: null, postsPerDay: null, afterAt: null };
    const { playgroundChannelId } = app.owner;
    expect(rules).toHaveLength(4);
    expect(rules).toEqual(
      expect.arrayContaining([
        { ...empty, channelId: playgroundChannelId, condition: 'first_use', effect: 'allow' },
        { ...empty, channelId: secondChannelId, condition: 'always', effect: 'ask' },
        { ...empty, condition: 'daily_cap', effect: 'ask', postsPerDay: 3 },
        // Midnight in Berlin.
        { ...empty, condition: 'after', effect: 'ask', afterAt: new Date('2030-12-31T23:00:00Z') },
      ]),
    );
  });

  it('is not written without publishing, and does not stand in its way', async () => {
    const { client, page } = await openConsent(app, browser);
    const answer = await browser.submit(page, 'Allow', {
      ...inTeam(),
      preset: 'schedule',
      posts_per_day: '0',
    });
    expect(findWayBack(answer)).toContain('code=');
    expect(await rulesOf(client.clientId)).toEqual([]);
  });

  it('is not written when publishing itself is unticked', async () => {
    const { client, page } = await openConsent(app, browser);
    await browser.submit(page, 'Allow', { ...publish(), 'scope.posts:publish': null });
    expect((await findConnection(client.clientId))!.scopes).not.toContain('posts:publish');
    expect(await rulesOf(client.clientId)).toEqual([]);
  });

  it.each([
    ['posts_per_day', '0', 'posts_per_day'],
    ['posts_per_day', '1e9', 'posts_per_day'],
    ['posts_per_day', '1000000000', 'posts_per_day'],
    ['posts_per_day', '-1', 'posts_per_day'],
    ['posts_per_day', '2.5', 'posts_per_day'],
    ['posts_per_day', 'many', 'posts_per_day'],
    ['posts_per_day', '٣', 'posts_per_day'],
    ['until', '2020-01-01', 'until_passed'],
    ['until', '2030-02-30', 'until'],
    ['until', '31.12.2030', 'until'],
    ['until', '9999-12-31', 'until'],
    ['until', '+12030-01-01', 'until'],
    ['until', '2030-12-31\0', 'until'],
  ] as const)('with %s %j is asked again, and what was typed stays', async (field, typed, problem) => {
    const { client, page } = await openConsent(app, browser);
    const again = await browser.submit(page, 'Allow', {
      ...publish(),
      [`channel.${secondChannelId}`]: null,
      [field]: typed,
    });
    await expectRefused(client.clientId, again, problem);
    expect(again.html).toContain('<details open');
    expect(again.html).toMatch(new RegExp(`<input[^>]*name="${field}"[^>]*aria-invalid="true"`));
    expect(again.html).toContain(`value="${typed}"`);
    expect(again.html).toMatch(/value="publish"[^>]*checked/);
    expect(boxesOf(again).get(`channel.${secondChannelId}`)).toBe(false);
    const done = await browser.submit(again, 'Allow', { [field]: '' });
    expect(findWayBack(done)).toContain('code=');
  });

  it.each([
    ['of somebody else', () => other.playgroundChannelId],
    ['that never was', () => 'chn_never'],
  ])('with a channel %s is asked again', async (_whose, channelId) => {
    const { client, page } = await openConsent(app, browser);
    const again = await browser.submit(page, 'Allow', { ...publish(), [`channel.${channelId()}`]: 'yes' });
    await expectRefused(client.clientId, again, 'unknown_channel');
    expect(findWayBack(await browser.submit(again, 'Allow'))).toContain('code=');
  });

  it('without any channel is asked again', async () => {
    const { client, page } = await openConsent(app, browser);
    const untick = [app.owner.playgroundChannelId, secondChannelId].map((id) => [`channel.${id}`, null]);
    const again = await browser.submit(page, 'Allow', { ...publish(), ...Object.fromEntries(untick) });
    await expectRefused(client.clientId, again, 'no_channel');
  });
});

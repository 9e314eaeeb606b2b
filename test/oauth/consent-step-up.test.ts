import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { PRESETS, SCOPES, type PresetId } from '../../server/scopes.ts';
import { moveTime } from '../support/move-time.ts';
import {
  registerClient,
  type OAuthClient,
  type Page,
  type ScriptedBrowser,
} from '../support/oauth-client.ts';
import { startOAuthApp, type OAuthApp } from './support/oauth-app.ts';
import { boxesOf, textOf } from './support/open-consent.ts';
import { createReplaceScene, type ReplaceScene } from './support/replace-scene.ts';

let app: OAuthApp;
let scene: ReplaceScene;
let browser: ScriptedBrowser;
let client: OAuthClient;
let count = 0;
beforeAll(async () => {
  app = await startOAuthApp();
  scene = await createReplaceScene(app);
});
beforeEach(async () => {
  browser = await app.openBrowser();
  client = await registerClient(app.origin, { client_name: `Editor number ${(count += 1)}` });
});
afterAll(() => app[Symbol.asyncDispose]());

const scopesOf = (id: PresetId) => PRESETS.find((preset) => preset.id === id)!.scopes.join(' ');
const chosenIn = (page: Page) => /<input type="radio"[^>]*value="([a-z]+)"[^>]*checked/.exec(page.html)?.[1];
const open = (asking: OAuthClient, scope?: string) =>
  browser.open(asking.startAuthorization(scope ? { scope } : {}).url);

/** What the MCP endpoint notes when it answers 403 with the union. */
async function challenge(connectionId: string): Promise<void> {
  app.context.clientEvents.record({ kind: 'scope_challenged', connectionId, reason: 'posts:publish' });
  await app.context.clientEvents.flush();
}

describe('a registration that asks for some more', () => {
  it('reads what is new in words, has all of it chosen, and gives up the connection it had', async () => {
    const { connectionId } = await scene.connect({ client, browser, scope: scopesOf('look') });
    const page = await open(client, `${scopesOf('look')} captions:write schedule:write`);
    expect(textOf(page)).toContain('It asks for more than its connection may do now. New:');
    const news = page.html.split('New:')[1]!.split('</ul>')[0]!;
    expect(news).toContain('Write and change posts and captions');
    expect(news).toContain('Schedule posts; each waits');
    expect(news).not.toContain('View');
    expect(chosenIn(page)).toBe('schedule');
    expect(boxesOf(page).get(`replace.${connectionId}`)).toBe(true);
  });

  it('has the union in its token after one click', async () => {
    await scene.connect({ client, browser, scope: scopesOf('look') });
    const union = `${scopesOf('look')} media:write`;
    const { tokens } = await scene.connect({ client, browser, scope: union });
    expect(tokens.scope.split(' ').toSorted()).toEqual(union.split(' ').toSorted());
  });
});

describe('a client that was just told that it needs more', () => {
  it('has the union chosen although that is everything', async () => {
    const { connectionId } = await scene.connect({ client, browser });
    await challenge(connectionId);
    const page = await open(client, SCOPES.join(' '));
    expect(textOf(page)).toContain('New: Publish without asking you first');
    expect(chosenIn(page)).toBe('publish');
    expect(boxesOf(page).get(`replace.${connectionId}`)).toBe(true);
    const { tokens } = await scene.connect({ client, browser, scope: SCOPES.join(' ') });
    expect(tokens.scope.split(' ')).toContain('posts:publish');
  });

  it('lends nothing to another registration of its name, as on a second computer', async () => {
    const name = 'On two computers';
    const before = await registerClient(app.origin, { client_name: name });
    const { connectionId } = await scene.connect({ client: before, browser });
    await challenge(connectionId);
    const page = await open(await registerClient(app.origin, { client_name: name }), SCOPES.join(' '));
    expect([chosenIn(page), textOf(page).includes('New:')]).toEqual(['schedule', false]);
    expect(boxesOf(page).get(`replace.${connectionId}`)).toBe(false);
  });

  it('is so for half an hour', async () => {
    const { connectionId } = await scene.connect({ client, browser });
    await challenge(connectionId);
    await moveTime(app.context, { seconds: 31 * 60 });
    browser = await app.openBrowser();
    const page = await open(client, SCOPES.join(' '));
    expect([chosenIn(page), textOf(page).includes('New:')]).toEqual(['schedule', false]);
  });
});

describe('a client that asks for everything, as at first', () => {
  it('is not led to more than the person allowed before', async () => {
    await scene.connect({ client, browser, answer: { preset: 'look' } });
    const page = await open(client);
    expect([chosenIn(page), textOf(page).includes('New:')]).toEqual(['look', false]);
  });

  it('has the usual choice again, never publishing by itself', async () => {
    await scene.connect({ client, browser, answer: { preset: 'publish' } });
    expect(chosenIn(await open(client))).toBe('schedule');
  });

  it('by a name alone says nothing about what was allowed before', async () => {
    const name = 'A name that anybody can take';
    const known = await registerClient(app.origin, { client_name: name });
    await scene.connect({ client: known, browser, answer: { preset: 'look' } });
    const page = await open(await registerClient(app.origin, { client_name: name }));
    expect([chosenIn(page), textOf(page).includes('New:')]).toEqual(['schedule', false]);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { newId } from '../../server/ids.ts';
import type { Role } from '../../server/scopes.ts';
import {
  approve,
  connectClient,
  findWayBack,
  openScriptedBrowser,
  registerClient,
  type Page,
  type ScriptedBrowser,
} from '../support/oauth-client.ts';
import { PASSWORD, startOAuthApp, type OAuthApp } from './support/oauth-app.ts';
import { openConsent as openConsentIn } from './support/open-consent.ts';

let app: OAuthApp;
let browser: ScriptedBrowser;
beforeAll(async () => {
  app = await startOAuthApp();
});
beforeEach(async () => {
  browser = await app.openBrowser();
});
afterAll(() => app[Symbol.asyncDispose]());

const openConsent = () => openConsentIn(app, browser);
const countConnections = (clientId: string) => app.context.db.connection.count({ where: { clientId } });

function expectStartAgain(page: Page): void {
  expect([page.status, page.leavesFor]).toEqual([400, null]);
  expect(page.html).toContain('This request is no longer open');
}

async function addMember(role: Role): Promise<string> {
  const id = newId('person');
  await app.context.db.person.create({
    data: { id, email: `${id}@example.com`, name: role, passwordHash: 'none' },
  });
  await app.context.db.membership.create({ data: { teamId: app.owner.team.id, personId: id, role } });
  return id;
}

describe('signing in on the way', () => {
  it('comes back to the consent', async () => {
    browser = openScriptedBrowser(app.origin);
    const { email } = app.owner.person;
    const client = await connectClient(app.origin, browser, { email, password: PASSWORD });
    expect(await app.judge(client.tokens.access_token)).toBe('ok');
    const again = await connectClient(app.origin, browser);
    expect(await app.judge(again.tokens.access_token)).toBe('ok');
  });

  it('another person in the same browser goes straight through, under their own name', async () => {
    await connectClient(app.origin, browser);
    const otherId = await addMember('editor');
    const other = await app.openBrowser(otherId);
    browser.cookies.set('grantcast_session', other.cookies.get('grantcast_session')!);
    const { clientId } = await connectClient(app.origin, browser);
    expect((await app.context.db.connection.findFirstOrThrow({ where: { clientId } })).personId).toBe(
      otherId,
    );
  });

  it('after signing out, the library’s session lets nobody in', async () => {
    const { client } = await openConsent();
    browser.cookies.delete('grantcast_session');
    const page = await browser.open(client.startAuthorization().url);
    expect(new URL(page.url).pathname).toBe('/sign-in');
  });

  it('does not ask a client that wants no page, and tells it so by itself only if it was allowed before', async () => {
    const client = await registerClient(app.origin);
    const wantsNoPage = () => client.startAuthorization({ prompt: 'none' }).url;
    for (const visitor of [browser, openScriptedBrowser(app.origin)]) {
      const page = await visitor.open(wantsNoPage());
      expect([page.status, page.leavesFor]).toEqual([400, null]);
      const wayBack = new URL(findWayBack(page));
      expect(wayBack.searchParams.get('error')).toMatch(/^(login|interaction|consent)_required$/);
    }
    await approve(browser, client.startAuthorization().url);
    const answer = new URL((await browser.open(wantsNoPage())).leavesFor!);
    expect(answer.searchParams.get('error')).toMatch(/^(interaction|consent)_required$/);
    expect(answer.searchParams.get('iss')).toBe(app.origin);
    expect((await openScriptedBrowser(app.origin).open(wantsNoPage())).leavesFor).toBeNull();
  });

  it.each(['consent', 'login', 'login consent', 'select_account'])(
    'understands prompt=%s',
    async (prompt) => {
      const client = await registerClient(app.origin);
      expect(
        (await approve(browser, client.startAuthorization({ prompt }).url)).searchParams.has('code'),
      ).toBe(true);
    },
  );
});

describe('the answer', () => {
  it('of somebody else is none', async () => {
    const { client, page } = await openConsent();
    const other = await app.openBrowser(await addMember('owner'));
    browser.cookies.set('grantcast_session', other.cookies.get('grantcast_session')!);
    expectStartAgain(await browser.open(page.url));
    const refused = await browser.submit(page, 'Allow');
    expect([refused.status, refused.leavesFor]).toEqual([403, null]);
    expect(await countConnections(client.clientId)).toBe(0);
  });

  it('is worth nothing when somebody else signs in before it arrives', async () => {
    const { client, page } = await openConsent();
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.html)![1]!;
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(page.url, {
      method: 'POST',
      headers: { cookie, origin: app.origin },
      body: new URLSearchParams({ csrf, team: app.owner.team.id, preset: 'look', decision: 'allow' }),
      redirect: 'manual',
    });
    expect(answer.status).toBe(303);
    const other = await app.openBrowser(await addMember('owner'));
    browser.cookies.set('grantcast_session', other.cookies.get('grantcast_session')!);
    expectStartAgain(await browser.open(answer.headers.get('location')!));
    expect(
      await app.context.db.oidcToken.count({
        where: { grant: { connection: { clientId: client.clientId } } },
      }),
    ).toBe(0);
  });

  it('needs the cookie of this interaction', async () => {
    const { client, page } = await openConsent();
    const stranger = await app.openBrowser();
    expectStartAgain(await stranger.open(page.url));
    expectStartAgain(await stranger.submit(page, 'Allow'));
    const other = await openConsent();
    const uid = new URL(other.page.url).pathname;
    expectStartAgain(
      await browser.submit({ ...page, url: page.url.replace(new URL(page.url).pathname, uid) }, 'Allow'),
    );
    expect(await countConnections(client.clientId)).toBe(0);
  });

  it('comes from this page and no other site', async () => {
    const { client, page } = await openConsent();
    const form = { team: app.owner.team.id, preset: 'publish', decision: 'allow' };
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.html)![1]!;
    const post = (fields: Record<string, string>, headers: Record<string, string>) =>
      browser.open(page.url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams(fields).toString(),
      });
    const refused = [
      await post(form, { origin: app.origin }),
      await post({ ...form, csrf: 'x'.repeat(43) }, { origin: app.origin }),
      await post({ ...form, csrf }, { origin: 'https://evil.example' }),
      await post({ ...form, csrf }, { 'sec-fetch-site': 'cross-site' }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    expect(await countConnections(client.clientId)).toBe(0);
    const accepted = await post({ ...form, csrf }, { origin: app.origin });
    expect(accepted.html).toContain('Returning you to');
  });
});

describe('an interaction', () => {
  /** The cookies of the flow, as somebody would plant them in another browser. */
  const flowCookies = (from: ScriptedBrowser) =>
    [...from.cookies].filter(([name]) => !name.startsWith('grantcast_'));

  it('that was begun by somebody else is not theirs whose browser it is planted in', async () => {
    const attacker = await app.openBrowser(await addMember('editor'));
    const client = await registerClient(app.origin);
    const page = await attacker.open(client.startAuthorization().url);
    for (const [name, value] of flowCookies(attacker)) browser.cookies.set(name, value);
    expectStartAgain(await browser.open(page.url));
    expect(await countConnections(client.clientId)).toBe(0);
  });

  it('that nobody was signed in for, once allowed, answers only the browser of the person who allowed it', async () => {
    const client = await registerClient(app.origin);
    const attacker = openScriptedBrowser(app.origin);
    const signInPage = await attacker.open(client.startAuthorization().url);
    const path = new URL(signInPage.url).searchParams.get('return_to')!;
    for (const [name, value] of flowCookies(attacker)) browser.cookies.set(name, value);
    const consent = await browser.open(`${app.origin}${path}`);
    for (const [name, value] of flowCookies(browser)) {
      if (!name.startsWith('as_sess')) attacker.cookies.set(name, value);
    }
    const form = new URLSearchParams({
      csrf: /name="csrf" value="([^"]+)"/.exec(consent.html)![1]!,
      ...{ team: app.owner.team.id, preset: 'look', decision: 'allow' },
    });
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const init = { method: 'POST', headers: { cookie, origin: app.origin }, body: form };
    const answer = await fetch(consent.url, { ...init, redirect: 'manual' });
    expect(answer.status).toBe(303);
    const stolen = await attacker.open(answer.headers.get('location')!);
    expect(stolen.leavesFor ?? stolen.html).not.toMatch(/[?&](amp;)?code=/);
    expect(
      await app.context.db.oidcToken.count({
        where: { kind: 'AuthorizationCode', grant: { connection: { clientId: client.clientId } } },
      }),
    ).toBe(0);
    const own = await browser.open(answer.headers.get('location')!);
    expect(findWayBack(own)).toMatch(/[?&]code=/);
  });

  it('is answered although another one, begun at the same moment, left its own session in the browser', async () => {
    const { page } = await openConsent();
    const twin = await app.openBrowser();
    await openConsentIn(app, twin);
    for (const [name, value] of flowCookies(twin)) {
      if (name.startsWith('as_sess')) browser.cookies.set(name, value);
    }
    expect(findWayBack(await browser.submit(page, 'Allow'))).toMatch(/[?&]code=/);
  });

  it('of somebody who signs out meanwhile is asked for again', async () => {
    const { client, page } = await openConsent();
    const session = browser.cookies.get('grantcast_session')!;
    browser.cookies.delete('grantcast_session');
    const refused = await browser.submit(page, 'Allow');
    expect(new URL(refused.url).pathname).not.toMatch(/callback/);
    expect(await countConnections(client.clientId)).toBe(0);
    browser.cookies.set('grantcast_session', session);
    const { url } = client.startAuthorization();
    expect((await approve(browser, url)).searchParams.has('code')).toBe(true);
  });
});

describe('a no', () => {
  it('makes no connection, and tells the client', async () => {
    const { client, page } = await openConsent();
    const back = new URL(findWayBack(await browser.submit(page, 'Deny')));
    expect(back.searchParams.get('error')).toBe('access_denied');
    expect(await countConnections(client.clientId)).toBe(0);
  });

  it('is on record in the team that was chosen, with where it came from', async () => {
    const { client, page } = await openConsent();
    await browser.submit(page, 'Deny', { team: app.owner.team.id });
    const row = await app.context.db.activity.findFirstOrThrow({ where: { target: client.clientId } });
    expect(row).toMatchObject({
      action: 'connection.denied',
      actor: 'person',
      personId: app.owner.person.id,
      teamId: app.owner.team.id,
      connectionId: null,
      detail: { clientName: 'Scripted editor', redirectHost: '127.0.0.1' },
    });
    expect(row.address).toContain('127.0.0.1');
  });

  it('is a step of the client’s history, as is the question', async () => {
    const { client, page } = await openConsent();
    await browser.submit(page, 'Deny');
    await app.context.clientEvents.flush();
    const steps = await app.context.db.clientEvent.findMany({
      where: { clientId: client.clientId, kind: { startsWith: 'consent_' } },
      orderBy: { at: 'asc' },
    });
    expect(steps.map(({ kind, personId }) => [kind, personId])).toEqual([
      ['consent_shown', app.owner.person.id],
      ['consent_denied', app.owner.person.id],
    ]);
  });

  it('is anything that is not a clear yes', async () => {
    const { client, page } = await openConsent();
    const again = page.html.replace('value="allow"', 'value="maybe"');
    const back = new URL(findWayBack(await browser.submit({ ...page, html: again }, 'Allow')));
    expect(back.searchParams.get('error')).toBe('access_denied');
    expect(await countConnections(client.clientId)).toBe(0);
  });
});

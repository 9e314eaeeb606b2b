import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { newId } from '../../server/ids.ts';
import { PRESETS, withoutImplied, type Role, type Scope } from '../../server/scopes.ts';
import { ENGLISH } from '../../views/words/english.ts';
import { moveTime } from '../support/move-time.ts';
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

let app: OAuthApp;
let browser: ScriptedBrowser;
beforeAll(async () => {
  app = await startOAuthApp();
});
beforeEach(async () => {
  browser = await app.openBrowser();
});
afterAll(() => app[Symbol.asyncDispose]());

async function openConsent(
  parameters: Record<string, string | null> = {},
  metadata: Record<string, unknown> = {},
) {
  const client = await registerClient(app.origin, metadata);
  const page = await browser.open(client.startAuthorization(parameters).url);
  return { client, page };
}

const countConnections = (clientId: string) => app.context.db.connection.count({ where: { clientId } });

function expectStartAgain(page: Page): void {
  expect([page.status, page.leavesFor]).toEqual([400, null]);
  expect(page.html).toContain('This request is no longer open');
  expect(page.html).toContain('Start again from your app');
}

async function addMember(role: Role): Promise<string> {
  const id = newId('person');
  await app.context.db.person.create({
    data: { id, email: `${id}@example.com`, name: role, passwordHash: 'none' },
  });
  await app.context.db.membership.create({ data: { teamId: app.owner.team.id, personId: id, role } });
  return id;
}

describe('the consent page', () => {
  it('says who asks, where it goes, for which team, and what each choice allows', async () => {
    const { page } = await openConsent({}, { client_name: 'Visual <script>Studio</script> Code' });
    expect(page.status).toBe(200);
    expect(page.html).toContain(
      '<title>Connect an app on this computer to Grantcast? Visual &lt;script>Studio&lt;/script> Code · Grantcast</title>',
    );
    expect(page.html).toMatch(/<label for="field-team">Team<\/label>\s*<select id="field-team" name="team"/);
    expect(page.html).toContain(`<option value="${app.owner.team.id}">${app.owner.team.name}</option>`);
    expect(page.html).toMatch(/<fieldset><legend>What may it do\?<\/legend>/);
    for (const preset of PRESETS) {
      expect(page.html).toContain(`<label for="preset-${preset.id}">${ENGLISH.presets[preset.id]}</label>`);
      const list = page.html.split(`id="preset-${preset.id}-more"`)[1]!.split('</ul>')[0]!;
      for (const [scope, label] of Object.entries(ENGLISH.scopes)) {
        expect(list.includes(label), `${preset.id} ${scope}`).toBe(
          withoutImplied(preset.scopes).includes(scope as Scope),
        );
      }
    }
    expect(page.html.match(/<input type="radio"[^>]*checked[^>]*>/g)).toEqual([
      expect.stringContaining('value="schedule"'),
    ]);
    expect(page.html).toMatch(/<button[^>]*name="decision" value="allow"[^>]*>Allow<\/button>/);
    expect(page.html).toMatch(/<button[^>]*name="decision" value="deny"[^>]*>Deny<\/button>/);
    expect(page.html).toContain(
      'Access goes to an app on this computer (<strong><bdi>127.0.0.1</bdi></strong>).',
    );
    expect(page.html).toMatch(/<a class="logo"[^>]*>.*Grantcast/);
  });

  it('names the host of a client on the web as the fact, not the name it gives itself', async () => {
    const metadata = { client_name: 'Claude', redirect_uris: ['https://evil.example/cb'] };
    const { page } = await openConsent({ redirect_uri: 'https://evil.example/cb' }, metadata);
    expect(page.html).toContain('<h1>Connect evil.example to Grantcast?</h1>');
  });

  it('runs no script, is framed by nobody, and keeps the opener', async () => {
    const { page } = await openConsent();
    const policy = page.headers.get('content-security-policy')!;
    for (const directive of [
      "default-src 'self'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "script-src 'self'",
    ]) {
      expect(policy).toContain(directive);
    }
    expect(page.html).not.toMatch(/<script|<style|style=|\son[a-z]+=/);
    expect(page.headers.get('cross-origin-opener-policy')).toBeNull();
    expect(page.headers.get('cache-control')).toBe('no-store');
  });

  it('offers only what differs for what the client asked', async () => {
    const { page } = await openConsent({ scope: 'campaigns:read schedule:read' });
    expect(page.html).toContain('value="look"');
    for (const id of ['draft', 'schedule', 'publish']) expect(page.html).not.toContain(`value="${id}"`);
    const one = await openConsent({ scope: 'posts:publish' });
    expect(one.page.html).toMatch(/value="publish"[^>]*checked|checked[^>]*value="publish"/);
  });

  it('leaves by a page of its own, also to the scheme of an app', async () => {
    const redirectUri = 'cursor://anysphere.cursor-mcp/oauth/callback';
    const { page } = await openConsent(
      { redirect_uri: redirectUri },
      { redirect_uris: [redirectUri], client_name: 'Cursor' },
    );
    const answer = await browser.submit(page, 'Allow');
    expect([answer.status, answer.leavesFor]).toEqual([200, null]);
    expect(answer.html).toContain('<title>Returning you to Cursor · Grantcast</title>');
    expect(answer.html).toContain('you can close this window');
    const back = findWayBack(answer);
    expect(back.startsWith(`${redirectUri}?code=`)).toBe(true);
    expect(answer.html).toContain(`href="${back.replaceAll('&', '&amp;')}"`);
    expect(answer.headers.get('content-security-policy')).toContain("form-action 'self'");
  });
});

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
  it('counts once, however often it is sent', async () => {
    const { client, page } = await openConsent();
    const answers = await Promise.all([1, 2, 3].map(() => browser.submit(page, 'Allow').catch(() => null)));
    expect(answers.filter((answer) => answer?.html.includes('Returning you to'))).not.toEqual([]);
    expect(await countConnections(client.clientId)).toBe(1);
    expectStartAgain(await browser.submit(page, 'Allow'));
    expect(await countConnections(client.clientId)).toBe(1);
  });

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

  it.each([
    ['another team', { team: 'team_of_others' }, 'Choose one of your teams.'],
    ['no team', { team: '' }, 'Choose one of your teams.'],
    ['a made-up choice', { preset: 'everything' }, 'Choose what it may do.'],
  ])('with %s is asked again', async (_name, fields, problem) => {
    const { client, page } = await openConsent();
    const again = await browser.submit(page, 'Allow', fields);
    expect(again.status).toBe(400);
    expect(again.html).toContain(problem);
    expect(await countConnections(client.clientId)).toBe(0);
    expect(findWayBack(await browser.submit(again, 'Allow', { team: app.owner.team.id }))).toContain('code=');
  });

  it('that would allow nothing is asked again', async () => {
    const { client, page } = await openConsent({ scope: 'posts:publish' });
    const again = await browser.submit(page, 'Allow', { preset: 'look' });
    expect(again.html).toContain('asked for nothing that this choice allows');
    expect(await countConnections(client.clientId)).toBe(0);
  });

  it('of a viewer lets it look, whatever they chose', async () => {
    browser = await app.openBrowser(await addMember('viewer'));
    const { page } = await openConsent();
    expect(page.html).not.toContain('value="publish"');
    const { tokens } = await connectClient(app.origin, browser, { preset: 'publish' });
    expect(tokens.scope.split(' ').every((scope) => scope.endsWith(':read'))).toBe(true);
  });

  it('a no makes no connection', async () => {
    const { client, page } = await openConsent();
    const back = new URL(findWayBack(await browser.submit(page, 'Deny')));
    expect(back.searchParams.get('error')).toBe('access_denied');
    expect(await countConnections(client.clientId)).toBe(0);
  });

  it('is waited for an hour', async () => {
    const { page } = await openConsent();
    await moveTime(app.context, { seconds: 3700 });
    const late = await browser.submit(page, 'Allow');
    expect(late.status).toBe(400);
    expectStartAgain(late);
  });
});

describe('a request that cannot be answered', () => {
  it('of an unknown client says what to do and goes nowhere', async () => {
    const client = await registerClient(app.origin);
    const page = await browser.open(client.startAuthorization({ client_id: 'dyn_forgotten' }).url);
    expect([page.status, page.leavesFor]).toEqual([400, null]);
    expect(page.html).toContain('This app is not known here');
    expect(page.html).toContain('Remove Grantcast in the app and add it again.');
  });

  it('shows nothing of it unescaped', async () => {
    const client = await registerClient(app.origin);
    const page = await browser.open(
      client.startAuthorization({ response_type: '<script>alert(1)</script>' }).url,
    );
    expect(page.html).not.toContain('<script>');
  });
});

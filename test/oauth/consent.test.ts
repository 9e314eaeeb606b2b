import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { newId } from '../../server/ids.ts';
import { PRESETS, withoutImplied, type Role, type Scope } from '../../server/scopes.ts';
import { ENGLISH } from '../../views/words/english.ts';
import { moveTime } from '../support/move-time.ts';
import {
  connectClient,
  findWayBack,
  registerClient,
  type Page,
  type ScriptedBrowser,
} from '../support/oauth-client.ts';
import { startOAuthApp, type OAuthApp } from './support/oauth-app.ts';

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

describe('the answer', () => {
  it('counts once, however often it is sent', async () => {
    const { client, page } = await openConsent();
    const answers = await Promise.all([1, 2, 3].map(() => browser.submit(page, 'Allow').catch(() => null)));
    expect(answers.filter((answer) => answer?.html.includes('Returning you to'))).not.toEqual([]);
    expect(await countConnections(client.clientId)).toBe(1);
    expectStartAgain(await browser.submit(page, 'Allow'));
    expect(await countConnections(client.clientId)).toBe(1);
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

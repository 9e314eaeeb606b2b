import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { invitePerson } from '../../server/teams/invitations.ts';
import { addMember } from '../http/support/scene.ts';
import { launchBrowser } from '../support/browser.ts';
import { startCompanyProvider, type CompanyProvider } from '../support/company-provider.ts';
import { createEditor } from '../support/editor.ts';
import { OWNER, startTestServer, type TestServer } from '../support/test-server.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** A folder for pictures, to look at; none are taken when unset. */
const SHOTS = process.env['SHOTS_DIR'];

let browser: Browser;
let company: CompanyProvider;
let server: TestServer;

beforeAll(async () => {
  browser = await launchBrowser();
  // The provider is on 127.0.0.1 and Grantcast on localhost: to a browser, two sites.
  company = await startCompanyProvider({
    clientSecret: 'a secret of the test',
    people: [
      { sub: 'owner', email: OWNER.email, email_verified: true, name: 'Olivia Owner' },
      { sub: 'nina', email: 'nina@example.com', email_verified: true, name: 'Nina New' },
    ],
  });
  server = await startTestServer({ ...company.settings, OIDC_LABEL: 'Bakery login' });
  company.register(server.url);
});
afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
  await company[Symbol.asyncDispose]();
});

async function connectEditor(
  visit: BrowserContext,
  signIn: (page: Page) => Promise<void>,
): Promise<string[]> {
  const page = await visit.newPage();
  const refusals: string[] = [];
  page.on('console', (message) => message.type() === 'error' && refusals.push(message.text()));
  await using editor = await createEditor({
    kind: 'client 2.x',
    mcpUrl: server.mcpUrl,
    async onAuthorize(url) {
      await page.goto(url.href);
      await signIn(page);
      const allow = page.getByRole('button', { name: 'Allow' });
      expect(new URL(page.url()).pathname).toMatch(/^\/interaction\//);
      await allow.click();
      await page.waitForURL((at) => at.pathname.endsWith('/callback'));
    },
  });
  await editor.connect();
  const { isError, structured } = await editor.callTool('list_channels', {});
  expect([isError, editor.prompts]).toEqual([false, 1]);
  expect(refusals.filter((text) => /Content Security Policy|CSP/i.test(text))).toEqual([]);
  return structured.items.map(({ network }) => network);
}

describe.each([{ javaScriptEnabled: true }, { javaScriptEnabled: false }])('%j', (options) => {
  it('goes from the editor over the company to consent and a tool call, with a password the first time only', async () => {
    await server.running.context.db.externalIdentity.deleteMany();
    company.person = company.people[0]!;
    const first = await browser.newContext(options);
    const networks = await connectEditor(first, async (page) => {
      await page.getByRole('link', { name: 'Continue with Bakery login' }).click();
      await page.getByRole('heading', { name: 'Link your company account' }).waitFor();
      await page.getByLabel('Grantcast password').fill(OWNER.password);
      await page.getByRole('button', { name: 'Link and sign in' }).click();
      await page.getByRole('button', { name: 'Allow' }).waitFor();
    });
    expect(networks).toEqual(['playground']);
    await first.close();

    const later = await browser.newContext(options);
    await connectEditor(later, async (page) => {
      await page.getByRole('link', { name: 'Continue with Bakery login' }).click();
      await page.getByRole('button', { name: 'Allow' }).waitFor();
    });
    await later.close();
  });
});

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  it.each([390, 1280])(
    'every page of it has no finding of axe and no sideways scroll, at %i px',
    async (width) => {
      const { context } = server.running;
      await context.db.rateLimit.deleteMany();
      await context.db.externalIdentity.deleteMany();
      const { teamId, personId } = await context.db.membership.findFirstOrThrow({
        where: { person: { email: OWNER.email } },
      });
      const caller = { kind: 'person', teamId, personId, role: 'owner' } as const;
      const { link } = await invitePerson(context, caller, {
        email: 'somebody.with.a.long.address@example.com',
        role: 'editor',
      });
      const member = await addMember(context, teamId, 'editor');
      const visit = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
      const page = await visit.newPage();
      const look = (name: string) => examine(page, `${name}-${width}-${colorScheme}`);

      company.person = company.people[0]!;
      await page.goto(`${server.url}/sign-in`);
      await look('sign-in');
      await page.goto(link);
      await look('invitation');
      await page.goto(`${server.url}/sign-in/company/callback?state=x`);
      await look('sign-in-problem');
      await page.goto(`${server.url}/sign-in/company`);
      await look('link');
      await page.getByLabel('Grantcast password').fill('not the password');
      await page.getByRole('button', { name: 'Link and sign in' }).click();
      await look('link-problem');
      await page.getByLabel('Grantcast password').fill(OWNER.password);
      await page.getByRole('button', { name: 'Link and sign in' }).click();
      await page.goto(`${server.url}/people`);
      await page.locator('summary').first().click();
      await look('people');
      await page.getByLabel('Email').fill('one.more@example.com');
      await page.getByRole('button', { name: 'Make an invitation link' }).click();
      await page.getByLabel('Invitation link', { exact: true }).waitFor();
      await look('people-invited');
      await page.goto(`${server.url}/people/${member.caller.personId}/remove`);
      await look('remove');
      await page.goto(link);
      await look('invitation-for-another');
      await page.goto(`${server.url}/account`);
      await page.locator('summary').first().click();
      await look('account');
      await visit.close();

      company.person = company.people[1]!;
      const stranger = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
      const refused = await stranger.newPage();
      await refused.goto(`${server.url}/sign-in/company`);
      await examine(refused, `not-invited-${width}-${colorScheme}`);
      await stranger.close();
    },
  );
});

async function examine(page: Page, name: string): Promise<void> {
  if (SHOTS) {
    mkdirSync(SHOTS, { recursive: true });
    await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
  }
  await page.evaluate(axeSource);
  const findings = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return {
      violations: violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`),
      overflow: Math.max(0, document.documentElement.scrollWidth - innerWidth),
      headings: document.querySelectorAll('h1').length,
    };
  });
  expect(findings, name).toEqual({ violations: [], overflow: 0, headings: 1 });
}

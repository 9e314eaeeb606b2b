import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { launchBrowser } from '../support/browser.ts';
import { CONFUSABLE_NAMES } from '../support/confusable-names.ts';
import type { OAuthClient } from '../support/oauth-client.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { askForConsent, openSignedIn, shoot } from './support/consent-visit.ts';

let browser: Browser;
let server: TestServer;
let visit: BrowserContext;
let page: Page;
let client: OAuthClient;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startTestServer();
  visit = await openSignedIn(browser, server);
  page = await visit.newPage();
  ({ client } = await askForConsent(server, { redirect_uris: ['https://app.example/cb'] }));
});
afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

/** One registration under changing names: registering is limited. */
async function showAs(name: string): Promise<void> {
  await server.running.context.db.$executeRaw`
    update client set payload = jsonb_set(payload, '{client_name}', to_jsonb(${name}::text)) where id = ${client.clientId}`;
  // A browser keeps 180 cookies of a site, and every request that is left open has some.
  await visit.clearCookies({ name: /^as_/ });
  const { redirectUri } = client;
  await page.goto(client.startAuthorization({ redirect_uri: redirectUri }).url);
}

const shown = () => page.locator('.asking .who').innerText();
const warning = () => page.locator('.notice[data-tone=warning]');

describe('a name that only looks like a known one', () => {
  it('is 120 of 120 times never shown as it', async () => {
    const missed: string[] = [];
    for (const { known, disguise, name } of CONFUSABLE_NAMES) {
      await showAs(name);
      const expected = known === 'VS Code' ? 'Visual Studio Code' : known;
      const texts = [await shown(), await page.title()];
      const isTold = texts.every((text) => text.includes(`An app whose name imitates ${expected}`));
      const isWarned = await warning().isVisible();
      const isMarked = await page.getByText('unverified', { exact: true }).isVisible();
      const isNotShown = !(await page.content()).includes(name);
      if (!isTold || !isWarned || !isMarked || !isNotShown) missed.push(`${known}, ${disguise}: ${name}`);
    }
    process.stdout.write(
      `confusable names: ${CONFUSABLE_NAMES.length - missed.length} of ${CONFUSABLE_NAMES.length} told\n`,
    );
    expect(missed).toEqual([]);
  }, 300_000);

  it.each(['Claude', 'ChatGPT', 'Cursor', 'VS Code', 'Grantcast'])(
    'nor is %s, plainly written, shown without a warning where somebody else answers',
    async (name) => {
      await showAs(name);
      expect(await shown()).toMatch(new RegExp(`itself\\s+${name}\\s+unverified`));
      expect(await warning().innerText()).toContain('Nothing shows that this is');
    },
  );
});

describe('a name that is made to spoil the page', () => {
  it.each([
    ['marks piled up', `Z${'\u0301\u0316\u0338'.repeat(60)}algo`],
    ['a thousand characters', 'x'.repeat(190)],
    ['right to left', '\u202e\u2067עורך\u202devil'],
    ['emoji', '🚀'.repeat(80)],
    ['markup', '<img src=x onerror=alert(1)><b>bold</b>'],
    ['wide letters', '﷽'.repeat(50)],
  ])('stays in its place: %s', async (title, name) => {
    await showAs(name);
    await shoot(page, `name-${title.replaceAll(' ', '-')}`);
    const facts = await page.evaluate(() => {
      const box = document.querySelector('.who')!.getBoundingClientRect();
      const headings = document.querySelector('h1')!.getBoundingClientRect();
      return {
        overflow: document.documentElement.scrollWidth - innerWidth,
        height: box.height,
        isBelowHeading: box.top >= headings.bottom,
        elements: document.querySelectorAll('.who :is(img, b, script)').length,
        direction: getComputedStyle(document.body).direction,
      };
    });
    expect(facts).toMatchObject({ overflow: 0, isBelowHeading: true, elements: 0, direction: 'ltr' });
    expect(facts.height).toBeLessThan(260);
    expect(await shown()).toMatch(/unverified$/);
  });
});

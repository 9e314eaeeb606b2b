import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '../../server/ids.ts';
import { launchBrowser } from '../support/browser.ts';
import { OWNER, startTestServer, type TestServer } from '../support/test-server.ts';
import { askForConsent, findViolations, openCallback, openSignedIn, shoot } from './support/consent-visit.ts';

let browser: Browser;
let server: TestServer;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startTestServer();
  const { db } = server.running.context;
  const team = await db.team.findFirstOrThrow();
  const owner = await db.person.findFirstOrThrow();
  for (const [network, handle] of [
    ['bluesky', 'harbour-bakery.bsky.social'],
    ['bluesky', 'donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamten.example'],
  ] as const) {
    await db.channel.create({
      data: { id: newId('channel'), teamId: team.id, network, handle, remoteAccountId: handle },
    });
  }
  const second = await db.team.create({
    data: { id: newId('team'), name: 'Zebra Print Works', timeZone: 'Asia/Tokyo' },
  });
  await db.membership.create({ data: { teamId: second.id, personId: owner.id, role: 'editor' } });
});
afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

const VIEWS = [
  { width: 390, colorScheme: 'light', locale: 'en-US' },
  { width: 390, colorScheme: 'dark', locale: 'de-DE' },
  { width: 1280, colorScheme: 'dark', locale: 'en-US' },
  { width: 1280, colorScheme: 'light', locale: 'de-DE' },
] as const;

const CLIENTS = {
  editor: { client_name: 'Visual Studio Code' },
  site: { client_name: 'Claude', redirect_uris: ['https://claude.ai/api/mcp/auth_callback'] },
  stranger: { client_name: 'Claude', redirect_uris: ['https://evil.example/cb'] },
  imitation: { client_name: 'Сlаude', redirect_uris: ['https://evil.example/cb'] },
  nameless: { client_name: '\u200b' },
  longName: { client_name: 'Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlung' },
  rtl: { client_name: 'עורך הטקסט שלי (beta)' },
};

describe.each(VIEWS)('at $width px, $colorScheme, $locale', ({ width, colorScheme, locale }) => {
  it('axe finds nothing, and nothing scrolls sideways', async () => {
    const visit = await openSignedIn(browser, server, {
      viewport: { width, height: 800 },
      bypassCSP: true,
      colorScheme,
      locale,
    });
    const page = await visit.newPage();
    for (const [name, metadata] of Object.entries(CLIENTS)) {
      await page.goto((await askForConsent(server, metadata)).url);
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
        name,
      ).toBeLessThanOrEqual(0);
      expect(await findViolations(page), name).toEqual([]);
      await shoot(page, `consent-${name}-${width}-${colorScheme}`);
    }
    await page.locator('summary').click();
    await page.locator('#preset-publish').check();
    await shoot(page, `consent-details-${width}-${colorScheme}`);
    expect(await findViolations(page)).toEqual([]);
    await page.locator('#field-posts_per_day').fill('0');
    await page.locator('button[value=allow]').click();
    await shoot(page, `consent-problem-${width}-${colorScheme}`);
    expect(await findViolations(page)).toEqual([]);
    await page.locator('#field-posts_per_day').fill('3');
    await visit.close();
  });

  it('axe finds nothing before and after either', async () => {
    const view = { viewport: { width, height: 800 }, bypassCSP: true, colorScheme, locale };
    const visit = await browser.newContext({ ...view, javaScriptEnabled: true });
    const page = await visit.newPage();
    const { url } = await askForConsent(server, {
      redirect_uris: ['cursor://anysphere.cursor-mcp/oauth/callback'],
    });
    await page.goto(url);
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    await shoot(page, `consent-sign-in-${width}-${colorScheme}`);
    expect(await findViolations(page)).toEqual([]);
    await page.locator('#field-email').fill(OWNER.email);
    await page.locator('#field-password').fill(OWNER.password);
    await page.locator('main button').click();
    await page.locator('button[value=deny]').click();
    await page.waitForURL(/authorize/);
    await shoot(page, `consent-returning-${width}-${colorScheme}`);
    expect(await page.locator('main a').getAttribute('href')).toMatch(/^cursor:.*error=access_denied/);
    expect(await findViolations(page)).toEqual([]);
    await page.goto((await askForConsent(server, {}, { client_id: 'dyn_forgotten' })).url);
    await shoot(page, `consent-unknown-client-${width}-${colorScheme}`);
    expect(await findViolations(page)).toEqual([]);
    await visit.close();
  });
});

describe.each([true, false])('with JavaScript: %s', (javaScriptEnabled) => {
  it('takes one click of somebody who is signed in, and nothing to fill in', async () => {
    const callback = await openCallback();
    const visit = await openSignedIn(browser, server, { javaScriptEnabled });
    const page = await visit.newPage();
    const { url } = await askForConsent(server, { redirect_uris: [callback.url] });
    const startedAt = performance.now();
    await page.goto(url);
    const isShownAt = performance.now();
    const allow = page.getByRole('button', { name: 'Allow' });
    await allow.click();
    const isClickedAt = performance.now();
    expect((await callback.arrived).searchParams.has('code')).toBe(true);
    const machineMs = isShownAt - startedAt + performance.now() - isClickedAt;
    process.stdout.write(
      `consent, JavaScript ${javaScriptEnabled}: 1 click, ${Math.round(machineMs)} ms of machine time\n`,
    );
    expect(machineMs).toBeLessThan(10_000);
    await visit.close();
    await callback.close();
  });

  it('shows what belongs to the choice and the team, and lets it be narrowed', async () => {
    const visit = await openSignedIn(browser, server, { javaScriptEnabled });
    const page = await visit.newPage();
    const { url, client } = await askForConsent(server, { redirect_uris: ['https://app.example/cb'] });
    await page.goto(url);
    const publishing = page.getByRole('group', { name: 'Where it may publish without asking you' });
    const scheduling = page.getByRole('checkbox', { name: /^Schedule posts/ });
    expect(await scheduling.isVisible()).toBe(false);
    await page.getByText('Change details').click();
    expect([await scheduling.isVisible(), await publishing.isVisible()]).toEqual([true, false]);
    await page.getByRole('radio', { name: 'Look only' }).check();
    expect(await scheduling.isVisible()).toBe(false);
    await page.getByRole('radio', { name: 'Publish for me' }).check();
    expect([await scheduling.isVisible(), await publishing.isVisible()]).toEqual([true, true]);
    const bakery = page.getByRole('checkbox', { name: 'Bluesky · harbour-bakery.bsky.social' });
    expect(await bakery.isVisible()).toBe(true);
    await page.getByLabel('Team', { exact: true }).selectOption({ label: 'Zebra Print Works' });
    expect(await bakery.isVisible()).toBe(false);
    await page.getByLabel('Team', { exact: true }).selectOption({ label: 'My team' });
    await bakery.uncheck();
    await page.getByLabel('Posts a day on each channel').fill('many');
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.getByText('Give a whole number from 1 to 500').waitFor();
    expect(await bakery.isChecked()).toBe(false);
    await page.getByLabel('Posts a day on each channel').fill('2');
    await page.route('https://app.example/**', (route) => route.fulfill({ body: 'arrived' }));
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(/app\.example/);
    const { db } = server.running.context;
    const connection = await db.connection.findFirstOrThrow({ where: { clientId: client.clientId } });
    expect(await db.policyRule.count({ where: { connectionId: connection.id, postsPerDay: 2 } })).toBe(1);
    await visit.close();
  });
});

describe('Allow', () => {
  it('takes no click in its first moments, also for people who want less motion; keys work at once', async () => {
    for (const reducedMotion of ['no-preference', 'reduce'] as const) {
      const visit = await openSignedIn(browser, server, { reducedMotion });
      const page = await visit.newPage();
      const answeredByApp = { redirect_uris: ['cursor://anysphere.cursor-mcp/oauth/callback'] };
      await page.goto((await askForConsent(server, answeredByApp)).url);
      const armed = page.locator('button[value=allow]');
      const delay = await armed.evaluate((button: HTMLElement) => {
        // The page may have opened longer ago than the delay lasts: it is begun again (asking applies the style), and held.
        button.style.animation = 'none';
        button.getAnimations();
        button.style.animation = '';
        const [animation] = button.getAnimations();
        animation!.pause();
        return {
          ms: animation!.effect!.getComputedTiming().endTime,
          pointerEvents: getComputedStyle(button).pointerEvents,
        };
      });
      expect(delay).toEqual({ ms: 700, pointerEvents: 'none' });
      expect(
        await page.locator('button[value=deny]').evaluate((button) => button.getAnimations().length),
      ).toBe(0);
      const { x, y, width, height } = (await armed.boundingBox())!;
      await page.mouse.click(x + width / 2, y + height / 2);
      expect(new URL(page.url()).pathname).toMatch(/^\/interaction\//);
      await armed.focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: /^Returning you to/ }).waitFor();
      await visit.close();
    }
  });

  it('is reached by keyboard alone', async () => {
    const visit = await openSignedIn(browser, server, { javaScriptEnabled: false });
    const page = await visit.newPage();
    await page.goto((await askForConsent(server)).url);
    const stops: string[] = [];
    for (let presses = 0; presses < 12 && stops.at(-1) !== 'Allow'; presses += 1) {
      await page.keyboard.press('Tab');
      stops.push(await page.locator(':focus').evaluate((at) => at.textContent.trim() || at.id));
    }
    expect(stops).toEqual([
      ...['Skip to the content', 'Grantcast', expect.stringContaining('My team')],
      ...['preset-schedule', expect.stringContaining('Replace'), 'Change details', 'Allow'],
    ]);
    await visit.close();
  });

  it('is framed by nobody', async () => {
    const visit = await openSignedIn(browser, server);
    const page = await visit.newPage();
    const { url } = await askForConsent(server);
    await page.route('https://evil.example/**', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<iframe src="${url}"></iframe>` }),
    );
    await page.goto('https://evil.example/');
    await page.waitForLoadState('networkidle');
    const frame = page.frames()[1];
    expect(frame?.url() ?? '').not.toContain('/interaction/');
    expect(await frame?.locator('button').count()).toBe(0);
    await visit.close();
  });
});

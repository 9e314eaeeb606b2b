import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

import { findChromium } from './find-chromium.ts';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('No Chromium: install the package chromium, or set CHROMIUM_PATH.');
  return chromium.launch({ executablePath, args: FLAGS });
}

export interface Credentials {
  email: string;
  password: string;
}

/** A person at a browser of their own: cookies last as long as this object. */
export interface BrowserPerson {
  page: Page;
  browserContext: BrowserContext;
  signIn(baseUrl: string): Promise<void>;
  /** Answers an authorization request as a person does: signs in when asked, picks a preset, allows. */
  allow(authorizationUrl: URL | string, preset?: string): Promise<void>;
}

export async function openBrowserPerson(browser: Browser, credentials: Credentials): Promise<BrowserPerson> {
  const browserContext = await browser.newContext();
  const page = await browserContext.newPage();

  async function fillSignIn(): Promise<void> {
    await page.getByLabel('Email').fill(credentials.email);
    await page.getByLabel('Password').fill(credentials.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  return {
    page,
    browserContext,
    async signIn(baseUrl) {
      await page.goto(`${baseUrl}/sign-in`);
      // Somebody who is signed in is sent home.
      if (new URL(page.url()).pathname !== '/sign-in') return;
      await fillSignIn();
      await page.waitForURL((url) => url.pathname !== '/sign-in');
    },
    async allow(authorizationUrl, preset) {
      await page.goto(String(authorizationUrl));
      const allow = page.getByRole('button', { name: 'Allow' });
      const signIn = page.getByRole('button', { name: 'Sign in' });
      await allow.or(signIn).waitFor();
      if (await signIn.isVisible()) await fillSignIn();
      const choices = page.getByRole('group', { name: 'What may it do?' });
      if (preset) await choices.getByRole('radio', { name: preset }).check();
      await allow.click();
      await page.waitForURL((url) => url.pathname.endsWith('/callback'));
    },
  };
}

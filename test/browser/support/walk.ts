import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';

import type { Role } from '../../../server/scopes.ts';
import { signIn } from '../../../server/teams/sessions.ts';
import type { PagesServer } from '../../http/support/pages-server.ts';

export const WIDTHS = [390, 820, 1440] as const;
export const SCHEMES = ['light', 'dark'] as const;
export const ROLES = ['owner', 'editor', 'viewer'] as const satisfies readonly Role[];

export type Width = (typeof WIDTHS)[number];
export type Scheme = (typeof SCHEMES)[number];

/** A full calendar is the one thing that may weigh more. */
const MOST_SCRIPT_BYTES = 60 * 1024;
const HEAVY = /^\/calendar/;
const MOST_SHIFT = 0.05;

/** Who looks, and through what kind of browser. */
export interface Looker {
  /** Null: nobody is signed in. */
  personId: string | null;
  hasScripts: boolean;
  /** Without axe-core, whose half a megabyte is read before anything is painted. */
  isTimed?: boolean;
}

/** A browser of its own, in which nothing is half-way from one colour to the other, under the policy of the pages; axe-core is put into each page from outside. */
export async function openLooker(browser: Browser, server: PagesServer, looker: Looker) {
  const { hasScripts } = looker;
  const visit = await browser.newContext({ javaScriptEnabled: hasScripts, reducedMotion: 'reduce' });
  if (looker.personId) {
    const { token } = await signIn(server.context, { personId: looker.personId });
    await visit.addCookies([{ name: 'grantcast_session', value: token, url: server.url, httpOnly: true }]);
  }
  if (hasScripts && !looker.isTimed) await visit.addInitScript({ content: axe.source });
  const page = await visit.newPage();
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('dialog', (dialog) => dialog.dismiss());
  return { visit, page, errors, hasScripts };
}

export type OpenLooker = Awaited<ReturnType<typeof openLooker>>;

export interface Weighed {
  scriptBytes: number;
  firstPaintMs: number | null;
  shift: number;
}

/** @returns status, and what the page costs, as the browser's own performance API tells it; no cost where no script runs */
export async function openPage(
  { page, hasScripts }: OpenLooker,
  url: string,
  look: { width: Width; scheme: Scheme },
): Promise<{ status: number; weight: Weighed | null }> {
  await page.setViewportSize({ width: look.width, height: 900 });
  await page.emulateMedia({ colorScheme: look.scheme });
  const response = await page.goto(url, { waitUntil: 'load' });
  const weight = hasScripts ? await page.evaluate(weigh) : null;
  return { status: response?.status() ?? 0, weight };
}

/** Against the budgets that hold on every machine. */
export function judgeWeight(path: string, weight: Weighed | null): string[] {
  if (!weight) return [];
  const isTooHeavy = weight.scriptBytes > MOST_SCRIPT_BYTES && !HEAVY.test(path);
  return [
    ...(isTooHeavy ? [`has ${weight.scriptBytes} bytes of compressed JavaScript`] : []),
    ...(weight.shift > MOST_SHIFT ? [`shifts by ${weight.shift.toFixed(3)}`] : []),
  ];
}

async function weigh() {
  const shifts = await new Promise<PerformanceEntryList>((resolve) => {
    const seen: PerformanceEntry[] = [];
    new PerformanceObserver((list) => seen.push(...list.getEntries())).observe({
      type: 'layout-shift',
      buffered: true,
    });
    requestAnimationFrame(() => setTimeout(() => resolve(seen), 30));
  });
  const resources = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
  const scripts = resources.filter(({ name }) => new URL(name).pathname.endsWith('.js'));
  // It can come after the load.
  const firstPaintMs = await new Promise<number | null>((resolve) => {
    new PerformanceObserver((list) => {
      const [paint] = list.getEntriesByName('first-contentful-paint');
      if (paint) resolve(paint.startTime);
    }).observe({ type: 'paint', buffered: true });
    setTimeout(() => resolve(null), 3000);
  });
  return {
    scriptBytes: scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
    firstPaintMs,
    shift: shifts.reduce((sum, entry) => sum + (entry as PerformanceEntry & { value: number }).value, 0),
  };
}

/** What is wrong with the page that is open, in words; nothing about how it looks. */
export async function inspectPage({ page }: OpenLooker): Promise<string[]> {
  const facts = await page.evaluate(readFacts);
  return [
    ...(facts.headings === 1 ? [] : [`has ${facts.headings} first headings`]),
    ...(/^\S.* · Grantcast$/.test(facts.title) ? [] : [`is called "${facts.title}"`]),
    ...(facts.language ? [] : ['has no language']),
    ...(facts.overflow > 0 ? [`scrolls sideways by ${facts.overflow}`] : []),
    ...(facts.glued ? [`glues words together: ${facts.glued}`] : []),
    ...facts.missing.map((landmark) => `has no ${landmark}`),
    ...facts.torn.map((text) => `tears a sentence apart: ${text}`),
    ...facts.unlabelled.map((name) => `has a field without a label: ${name}`),
  ];
}

function readFacts() {
  const fields = document.querySelectorAll<HTMLInputElement>('input:not([type=hidden]), select, textarea');
  const isBox = (element: Element) => /flex|grid/.test(getComputedStyle(element).display);
  const holdsText = (element: Element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.nodeValue?.trim());
  return {
    headings: document.querySelectorAll('h1').length,
    title: document.title,
    language: document.documentElement.lang,
    missing: ['header', 'main'].filter((tag) => document.querySelectorAll(tag).length === 0),
    overflow: document.documentElement.scrollWidth - innerWidth,
    // Templates drop a line break together with the space that it stands for.
    glued:
      /[a-z,:;)]<(a|time|strong|code)\b[^>]*>|<\/(a|time|strong|code)>[a-z(]|<\/strong><a |[a-z]<\/span>[a-z]|Checked\d/.exec(
        document.querySelector('main')?.innerHTML ?? '',
      )?.[0],
    // A flex or grid box makes a line of each piece of a sentence, and drops the spaces between them.
    torn: [...document.querySelectorAll('main, main *')]
      .filter((box) => isBox(box) && box.querySelector(':scope > :not(input)') && holdsText(box))
      .map((box) => box.textContent),
    unlabelled: [...fields]
      .filter((field) => !field.labels?.length && !field.ariaLabel && !field.hasAttribute('aria-labelledby'))
      .map((field) => field.name),
  };
}

/** What axe-core objects to on the page that is open. */
export async function judgePage({ page }: OpenLooker): Promise<string[]> {
  const violations = await page.evaluate(async () => {
    const { axe: judge } = window as unknown as { axe: typeof axe };
    const found = await judge.run(document, { resultTypes: ['violations'], preload: false });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
  return violations;
}

/** The other width and scheme, without asking for the page again. */
export async function turn(page: Page, look: { width: Width; scheme: Scheme }): Promise<void> {
  await page.emulateMedia({ colorScheme: look.scheme });
  await page.setViewportSize({ width: look.width, height: 900 });
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0))));
}

export async function closeAll(lookers: readonly { visit: BrowserContext }[]): Promise<void> {
  for (const { visit } of lookers) await visit.close();
}

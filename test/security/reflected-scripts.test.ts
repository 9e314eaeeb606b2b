// What somebody types, or is sent in an address, is shown again beside what is wrong with it: every field of every form, and
// every name that an address may carry, with texts that would run, in a real browser without the policy that would stop them.
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';

import { signIn } from '../../server/teams/sessions.ts';
import { startPagesServer } from '../http/support/pages-server.ts';
import { createScene } from '../http/support/scene.ts';
import { launchBrowser } from '../support/browser.ts';
import { listShownRoutes, routeOf } from '../support/page-routes.ts';
import { addManyOfAll } from './support/many-of-all.ts';
import { watchScripts } from './support/script-watch.ts';
import { isFullSecurityRun } from './support/security-run.ts';
import { listVisits } from './support/visits.ts';

/** Each breaks out of most places at once. */
const BREAKOUTS = [
  `"'><img src=x onerror=hit('TOKEN')>`,
  `javascript:/*--></title></style></textarea></script><svg/onload='+/"/+/onmouseover=1/+/[*/[]/+hit("TOKEN")//'>`,
];
const TYPED = isFullSecurityRun() ? BREAKOUTS : BREAKOUTS.slice(0, 1);
/** Names that addresses carry without a form. */
const NAMES = [
  'done',
  'cursor',
  'return_to',
  'error',
  'state',
  'view',
  'from',
  'channel',
  'campaign',
  'days',
  'q',
];
/** Would sign the browser out; what they show, they show without what was typed. */
const ENDS_SESSION = new Set(['/sign-out']);

interface FoundForm {
  action: string;
  method: string;
  fields: string[];
}

it('what was typed or sent in an address never runs', async () => {
  await using server = await startPagesServer();
  const { context, url } = server;
  const scene = await createScene(context);
  await addManyOfAll(context, scene, 14);
  const { token } = await signIn(context, { personId: scene.owner.personId });
  const browser = await launchBrowser();
  const visit = await browser.newContext({ bypassCSP: true });
  await visit.addCookies([{ name: 'grantcast_session', value: token, url }]);
  const watch = await watchScripts(visit);
  const page = await visit.newPage();
  const problems: string[] = [];
  const shown = new Set<string>();
  let cases = 0;
  const take = (what: string, seen: Awaited<ReturnType<typeof watch.open>>) => {
    cases += 1;
    problems.push(...seen.problems.map((problem) => `${what} ${problem}`));
    for (const text of seen.shown) shown.add(text);
  };

  const routes = listShownRoutes(context);
  const forms = new Map<string, FoundForm>();
  for (const route of routes) {
    const paths = await listVisits(context, scene, route);
    for (const path of paths.filter((_, at) => at % 2 === 0).slice(0, isFullSecurityRun() ? 4 : 2)) {
      await page.goto(url + path, { waitUntil: 'load' });
      for (const form of await readForms(page)) {
        const { pathname } = new URL(form.action);
        const known = `${form.method} ${routeOf(routes, pathname) ?? pathname.replaceAll(/[a-z]+_[0-9a-f]{32}/g, ':id')}`;
        const fields = [...new Set([...(forms.get(known)?.fields ?? []), ...form.fields])];
        forms.set(known, { ...form, fields });
      }
    }
    const [first] = paths;
    if (!first) continue;
    for (const [no, typed] of TYPED.entries()) {
      const sent = typed.replace('TOKEN', `p${no}s${cases}q`);
      const query = new URLSearchParams(NAMES.map((name) => [name, sent]));
      take(`${first} asked with a query`, await watch.open(page, `${url}${first}?${String(query)}`));
    }
  }
  for (const [name, form] of forms) {
    if (ENDS_SESSION.has(new URL(form.action).pathname)) continue;
    for (const [no, typed] of TYPED.entries()) {
      const value = typed.replace('TOKEN', `p${no}s${cases}q`);
      // In a tab of its own: some go on elsewhere by themselves. The page is one that is always there, for its token.
      const tab = await visit.newPage();
      await tab.goto(`${url}/people`, { waitUntil: 'load' });
      take(name, await watch.follow(tab, async () => send(tab, form, value)));
      await tab.close();
    }
  }
  await browser.close();
  process.stdout.write(
    `TARGET S3 ${problems.length} of ${cases} forms and addresses run what was typed (${forms.size} forms; ${shown.size} texts shown again) ${problems.length === 0 ? 'ok' : 'short'}\n`,
  );
  expect(problems).toEqual([]);
  expect(shown.size).toBeGreaterThan(10);
}, 600_000);

async function readForms(page: Page): Promise<FoundForm[]> {
  return page.evaluate(() =>
    [...document.forms].map((form) => ({
      action: form.getAttribute('action')
        ? new URL(form.getAttribute('action')!, location.href).href
        : location.href,
      method: form.method,
      fields: [...form.querySelectorAll<HTMLInputElement>('[name]')]
        .filter(({ name, type }) => !['csrf', 'team'].includes(name) && type !== 'file')
        .map(({ name }) => name),
    })),
  );
}

/** The form as its page would send it, with this in every field. */
async function send(page: Page, form: FoundForm, value: string) {
  const arrived = page.waitForNavigation({ waitUntil: 'load' });
  await page.evaluate(
    ({ action, method, fields, value: typed }) => {
      const sent = document.createElement('form');
      Object.assign(sent, { action, method });
      const token = document.querySelector<HTMLInputElement>('[name=csrf]')!.value;
      for (const [name, content] of [...fields.map((field) => [field, typed]), ['csrf', token]]) {
        const field = document.createElement('textarea');
        Object.assign(field, { name, value: content });
        sent.append(field);
      }
      sent.hidden = true;
      document.body.append(sent);
      HTMLFormElement.prototype.submit.call(sent);
    },
    { ...form, value },
  );
  return arrived;
}

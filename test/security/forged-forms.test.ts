// Every route that changes something, asked by pages of other sites and with forms that were not made for this session.
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { signIn } from '../../server/teams/sessions.ts';
import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { addMember, createScene, OWNER } from '../http/support/scene.ts';
import { createVisitor, csrfOf, type Visitor } from '../http/support/visitor.ts';
import { launchBrowser } from '../support/browser.ts';
import { listPageRoutes } from '../support/page-routes.ts';
import { addManyOfAll } from './support/many-of-all.ts';
import { readWholeState } from './support/whole-state.ts';
import { listVisits } from './support/visits.ts';

const FIELDS = { team: 'x', decision: 'approve', note: 'n', reason: 'r', what: 'everything', name: 'n' };
/** Read by the browser that sends it; nobody else's word counts. */
const READS = new Set(['/posts/:id/edit/check']);

let server: PagesServer;
let owner: Visitor;
/** Where each route that takes a form is, by the route. */
let actions: ReadonlyMap<string, string>;

beforeAll(async () => {
  server = await startPagesServer();
  const { context } = server;
  const scene = await createScene(context);
  await addManyOfAll(context, scene, 8);
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
  const routes = listPageRoutes(context).filter(({ method }) => method !== 'GET');
  actions = new Map(
    await Promise.all(
      routes.map(async ({ path }) => {
        const [first = path.replaceAll(/:[a-zA-Z]+/g, 'nothing')] = await listVisits(context, scene, path);
        return [path, first] as const;
      }),
    ),
  );
}, 120_000);
afterAll(() => server[Symbol.asyncDispose]());

it('nothing is changed but by a POST', () => {
  const methods = new Set(listPageRoutes(server.context).map(({ method }) => method));
  expect([...methods].toSorted()).toEqual(['GET', 'POST']);
});

it('no route takes a form without the token of its session, or from anywhere else', async () => {
  const { context, url } = server;
  const own = csrfOf((await owner.get('/')).text);
  const colleague = createVisitor(url);
  await colleague.signIn(await addMember(context, (await context.db.team.findFirstOrThrow()).id, 'owner'));
  const foreign = csrfOf((await colleague.get('/')).text);
  const visitors = csrfOf((await createVisitor(url).get('/sign-in')).text);
  const forms: Record<string, { csrf?: string; headers?: Record<string, string> }> = {
    'without a token': {},
    'with an empty token': { csrf: '' },
    'with the token of a colleague': { csrf: foreign },
    'with the token of somebody who is not signed in': { csrf: visitors },
    'with a token cut short': { csrf: own.slice(0, -1) },
    'from another site': { csrf: own, headers: { origin: 'https://evil.example' } },
    'from another port': { csrf: own, headers: { origin: 'http://127.0.0.1:1' } },
    'from nowhere': { csrf: own, headers: { origin: 'null' } },
    'that the browser calls cross-site': { csrf: own, headers: { 'sec-fetch-site': 'cross-site' } },
    'that the browser calls same-site': { csrf: own, headers: { 'sec-fetch-site': 'same-site' } },
  };
  const taken: string[] = [];
  let cases = 0;
  let before = await readWholeState(context);
  for (const [route, action] of actions) {
    for (const [kind, { csrf, headers }] of Object.entries(forms)) {
      const fields = { ...FIELDS, ...(csrf !== undefined && { csrf }) };
      const { status } = await owner.post(action, fields, headers ?? { origin: url });
      if (status !== 403) taken.push(`${route} ${kind}: ${status}`);
      cases += 1;
    }
    const after = await readWholeState(context);
    if (after !== before) taken.push(`${route} changed something`);
    before = after;
  }
  process.stdout.write(
    `TARGET S3 ${taken.length} of ${cases} forged forms taken (${actions.size} routes that change something) ${taken.length === 0 ? 'ok' : 'short'}\n`,
  );
  expect(taken).toEqual([]);
  expect(cases).toBeGreaterThanOrEqual(500);
}, 300_000);

it.each(['localhost', '127.0.0.1'])(
  'a page at another port of %s sends forms to all of them at once, and nothing changes',
  async (host) => {
    const { context, url } = server;
    const [session] = await context.db.person.findMany({ where: { email: OWNER.email } });
    const { token } = await signIn(context, { personId: session!.id });
    const targets = [...actions].filter(([route]) => !READS.has(route)).map(([, action]) => url + action);
    await using evil = await serveForms(host, targets);
    const before = await readWholeState(context);
    const browser = await launchBrowser();
    const visit = await browser.newContext();
    await visit.addCookies([{ name: 'grantcast_session', value: token, url, sameSite: 'Lax' }]);
    const page = await visit.newPage();
    const answers = new Map<string, number>();
    const isSent: { cookie: boolean }[] = [];
    page.on('response', async (response) => {
      if (response.request().method() !== 'POST') return;
      answers.set(response.url(), response.status());
      const headers = await response
        .request()
        .allHeaders()
        .catch(() => null);
      if (headers) isSent.push({ cookie: (headers['cookie'] ?? '').includes(token) });
    });
    await page.goto(evil.url);
    await expect.poll(() => answers.size, { timeout: 60_000 }).toBe(new Set(targets).size);
    // Of some the browser never tells with which headers they went.
    await expect.poll(() => isSent.length, { timeout: 60_000 }).toBeGreaterThan(answers.size / 4);
    await browser.close();
    expect([...answers].filter(([, status]) => status !== 403)).toEqual([]);
    // The same host at another port is the same site: there the cookie goes along, and only the token and the origin help.
    expect(isSent.some(({ cookie }) => cookie)).toBe(host === '127.0.0.1');
    expect(await readWholeState(context)).toBe(before);
  },
  120_000,
);

it('every route takes the same form with its token: what was refused was refused for being forged', async () => {
  const { url } = server;
  const refused: string[] = [];
  for (const [route, action] of actions) {
    // Each with a session of its own: some end it.
    const visitor = createVisitor(url);
    const { id } = await server.context.db.person.findFirstOrThrow({ where: { email: OWNER.email } });
    visitor.cookies.set('grantcast_session', (await signIn(server.context, { personId: id })).token);
    const csrf = csrfOf((await visitor.get('/account')).text);
    const { text } = await visitor.post(action, { ...FIELDS, csrf }, { origin: url });
    if (/form is no longer valid|was sent from another address/.test(text)) refused.push(route);
  }
  expect(refused).toEqual([]);
}, 300_000);

/** A page that sends a form to each address as soon as it is open. */
async function serveForms(
  host: string,
  targets: readonly string[],
): Promise<{ url: string } & AsyncDisposable> {
  const forms = targets.map(
    (target, no) =>
      `<iframe name="f${no}"></iframe><form method="post" target="f${no}" action="${target}"><input name="team" value="x"><input name="csrf" value="guess"></form>`,
  );
  const script = '<script>for (const form of document.forms) form.submit()</script>';
  const site = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html>${forms.join('')}${script}`);
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  return {
    url: `http://${host}:${(site.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      site.closeAllConnections();
      site.close();
      await once(site, 'close');
    },
  };
}

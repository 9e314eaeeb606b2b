// Every page, put into a page of another origin: nobody is made to press a button that they do not see.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, it } from 'vitest';

import { signIn } from '../../server/teams/sessions.ts';
import { startPagesServer } from '../http/support/pages-server.ts';
import { createScene } from '../http/support/scene.ts';
import { launchBrowser } from '../support/browser.ts';
import { listShownRoutes } from '../support/page-routes.ts';
import { addManyOfAll } from './support/many-of-all.ts';
import { listVisits } from './support/visits.ts';

const WAYS: Readonly<Record<string, (url: string) => string>> = {
  'a frame': (url) => `<iframe src="${url}"></iframe>`,
  'a frame in a sandbox': (url) => `<iframe sandbox="allow-scripts allow-forms" src="${url}"></iframe>`,
  'an object': (url) => `<object data="${url}"></object>`,
};

it('no page is shown within a page of another origin', async () => {
  await using server = await startPagesServer({ NODE_ENV: 'development' });
  const { context, url } = server;
  const scene = await createScene(context);
  await addManyOfAll(context, scene, 2);
  const firsts = await Promise.all(
    listShownRoutes(context).map(async (route) => (await listVisits(context, scene, route))[0]),
  );
  const paths = [...firsts.filter((path) => path !== undefined), '/nothing-here'];
  const { token } = await signIn(context, { personId: scene.owner.personId });
  const browser = await launchBrowser();
  const visit = await browser.newContext();
  await visit.addCookies([{ name: 'grantcast_session', value: token, url, sameSite: 'Lax' }]);
  const page = await visit.newPage();
  await using evil = await serveFrames();

  const shown: string[] = [];
  let cases = 0;
  for (const [way, embed] of Object.entries(WAYS)) {
    // The last one may be framed: that it is shows that the frames are looked at in time.
    const framed = [...paths.map((path) => url + path), `${evil.url}/harmless`];
    evil.show(framed.map(embed).join(''));
    await page.goto(evil.url, { waitUntil: 'load' });
    const frames = page.frames().slice(1);
    expect(
      frames.map((frame) => frame.url()),
      way,
    ).toContain(`${evil.url}/harmless`);
    shown.push(
      ...frames
        .map((frame) => frame.url())
        .filter((address) => address.startsWith(url))
        .map((address) => `${address} in ${way}`),
    );
    cases += paths.length;
  }
  await browser.close();
  process.stdout.write(
    `TARGET S3 ${shown.length} of ${cases} pages shown in a frame ${shown.length === 0 ? 'ok' : 'short'}\n`,
  );
  expect(shown).toEqual([]);
}, 120_000);

async function serveFrames(): Promise<{ url: string; show(markup: string): void } & AsyncDisposable> {
  let shown = '';
  const site = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html>${request.url === '/' ? shown : '<p>harmless'}`);
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  return {
    url: `http://127.0.0.1:${(site.address() as AddressInfo).port}`,
    show: (markup) => void (shown = markup),
    async [Symbol.asyncDispose]() {
      site.closeAllConnections();
      site.close();
      await once(site, 'close');
    },
  };
}

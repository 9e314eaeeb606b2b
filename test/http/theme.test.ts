import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { createScene, OWNER } from './support/scene.ts';
import { createVisitor, csrfOf, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let owner: Visitor;

beforeAll(async () => {
  server = await startPagesServer();
  await createScene(server.context);
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
});
afterAll(() => server[Symbol.asyncDispose]());

const htmlTagOf = (text: string) => /<html[^>]*>/.exec(text)?.[0];

/** Presses one of the buttons in the corner, on the page of this address. */
async function choose(visitor: Visitor, theme: string, referer = `${server.url}/posts`) {
  const csrf = csrfOf((await visitor.get('/posts')).text);
  return visitor.post('/theme', { csrf, theme }, { origin: server.url, referer });
}

describe('light or dark', () => {
  it('is as the system has it until somebody chooses, then stays, also after signing out', async () => {
    const visitor = createVisitor(server.url);
    await visitor.signIn(OWNER);
    expect(htmlTagOf((await visitor.get('/')).text)).not.toContain('data-theme');
    await choose(visitor, 'dark');
    expect(htmlTagOf((await visitor.get('/')).text)).toContain('data-theme="dark"');
    await visitor.submit('/', '/sign-out');
    const signIn = await visitor.get('/sign-in');
    expect(htmlTagOf(signIn.text)).toContain('data-theme="dark"');
    expect(signIn.text).toContain('<meta name="color-scheme" content="dark"');
    await visitor.signIn(OWNER);
    await choose(visitor, 'system');
    expect(htmlTagOf((await visitor.get('/')).text)).not.toContain('data-theme');
  });

  it('is kept for a year, away from scripts and from other sites', async () => {
    const { headers } = await choose(owner, 'light');
    expect(headers.getSetCookie().find((line) => line.startsWith('grantcast_theme='))).toBe(
      'grantcast_theme=light; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax',
    );
  });

  it.each(['', 'purple', '"><script>'])('cannot be "%s"', async (theme) => {
    const { status, headers } = await choose(owner, theme);
    expect(status).toBe(303);
    expect(headers.getSetCookie().filter((line) => line.startsWith('grantcast_theme='))).toEqual([]);
  });

  it('in a cookie that nobody gave out is as the system has it', async () => {
    const visitor = createVisitor(server.url);
    visitor.cookies.set('grantcast_theme', 'x"onload="alert(1)');
    expect(htmlTagOf((await visitor.get('/sign-in')).text)).toBe('<html lang="en">');
  });
});

describe('the way back', () => {
  it('is the page on which it was chosen, with its filters', async () => {
    const { location } = await choose(owner, 'dark', `${server.url}/posts?state=held`);
    expect(location).toBe('/posts?state=held');
  });

  it.each([
    'https://evil.example/steal?a=1',
    '//evil.example/steal',
    'http://127.0.0.1//evil.example/',
    'javascript:alert(1)',
    'data:text/html,x',
    'not an address',
    '',
  ])('never leads away: %s', async (referer) => {
    const { status, location } = await choose(owner, 'dark', referer);
    expect(status).toBe(303);
    expect(new URL(location!, server.url).origin).toBe(server.url);
  });
});

describe('a form that is not ours', () => {
  it('chooses nothing without its token, or from another site', async () => {
    const csrf = csrfOf((await owner.get('/posts')).text);
    const answers = [
      await owner.post('/theme', { theme: 'dark' }, { origin: server.url }),
      await owner.post('/theme', { csrf, theme: 'dark' }, { origin: 'https://evil.example' }),
      await owner.post('/theme', { csrf, theme: 'dark' }, { 'sec-fetch-site': 'cross-site' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(answers.flatMap(({ headers }) => headers.getSetCookie())).toEqual([]);
  });
});

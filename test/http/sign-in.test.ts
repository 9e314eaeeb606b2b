import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { safeReturnTo } from '../../server/http/return-to.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { createScene, OWNER } from './support/scene.ts';
import { createVisitor, csrfOf } from './support/visitor.ts';

let server: PagesServer;
beforeAll(async () => {
  server = await startPagesServer();
  await createScene(server.context);
});
const clearLimits = () => server.context.db.rateLimit.deleteMany();
afterEach(clearLimits);
afterAll(() => server[Symbol.asyncDispose]());

describe('signing in', () => {
  it('starts a session in a cookie that scripts cannot read, and stores only its hash', async () => {
    const visitor = createVisitor(server.url);
    const answer = await visitor.signIn(OWNER);
    expect([answer.status, answer.location]).toEqual([303, '/']);
    const line = answer.headers.getSetCookie().find((cookie) => cookie.startsWith('grantcast_session='))!;
    expect(line).toMatch(/^grantcast_session=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/);
    const [row] = await server.context.db.browserSession.findMany({
      orderBy: { createdAt: 'desc' },
      take: 1,
    });
    const token = visitor.cookies.get('grantcast_session')!;
    expect(Buffer.from(row!.tokenHash).toString('base64url')).not.toBe(token);
    expect((await visitor.get('/')).status).toBe(200);
  });

  it('uses a __Host- cookie with Secure on https, also behind a proxy that is not trusted', async () => {
    await using https = await startPagesServer({ PUBLIC_URL: 'https://grantcast.example' });
    await createScene(https.context);
    const visitor = createVisitor(https.url);
    const form = await visitor.get('/sign-in');
    const answer = await visitor.post(
      '/sign-in',
      { csrf: csrfOf(form.text), ...OWNER },
      { origin: 'https://grantcast.example' },
    );
    expect(answer.status).toBe(303);
    expect(answer.headers.getSetCookie().join('\n')).toMatch(
      /^__Host-grantcast_session=[\w-]{43}; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=Lax$/m,
    );
    expect(answer.headers.get('strict-transport-security')).toContain('max-age=31536000');
  });

  it('answers an unknown address, a wrong password and a disabled account with the same page', async () => {
    const pages = [];
    for (const [email, password] of [
      [OWNER.email, 'not the password'],
      ['nobody@example.com', 'not the password'],
      ['not an address', 'x'],
    ]) {
      const answer = await createVisitor(server.url).signIn({ email: email!, password: password! });
      expect(answer.status).toBe(401);
      pages.push(answer.text.replaceAll(email!, 'EMAIL').replace(/name="csrf" value="[^"]+"/g, ''));
    }
    expect(new Set(pages).size).toBe(1);
  });

  // Of the processor, not of the clock on the wall: a busy machine changes that one by chance.
  it('works as long for an unknown address as for a wrong password', async () => {
    const workOf = async (email: string) => {
      const visitor = createVisitor(server.url);
      const csrf = csrfOf((await visitor.get('/sign-in')).text);
      const before = process.cpuUsage();
      await visitor.post('/sign-in', { csrf, email, password: 'not the password' });
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      known.push(await workOf(OWNER.email));
      unknown.push(await workOf(`nobody-${round}@example.com`));
    }
    const [a, b] = [Math.min(...known), Math.min(...unknown)];
    process.stdout.write(`sign-in: wrong password ${a.toFixed(1)} ms, unknown address ${b.toFixed(1)} ms\n`);
    expect(Math.max(a, b) / Math.min(a, b)).toBeLessThan(2);
  });

  it('refuses the eleventh try for an account, known or not, says when to come back, and clears at a right one', async () => {
    for (const email of [OWNER.email, 'nobody@example.com']) {
      const visitor = createVisitor(server.url);
      const statuses = [];
      for (let round = 0; round < 11; round += 1)
        statuses.push((await visitor.signIn({ email, password: 'wrong' })).status);
      expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
      const refused = await visitor.signIn({ email, password: OWNER.password });
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(refused.text).toContain('Too many tries');
    }
    await clearLimits();
    const visitor = createVisitor(server.url);
    for (let round = 0; round < 9; round += 1)
      await visitor.signIn({ email: OWNER.email, password: 'wrong' });
    expect((await visitor.signIn(OWNER)).status).toBe(303);
    for (let round = 0; round < 9; round += 1) {
      expect((await createVisitor(server.url).signIn({ email: OWNER.email, password: 'wrong' })).status).toBe(
        401,
      );
    }
  });

  it('counts by address too, and believes X-Forwarded-For only behind a trusted proxy', async () => {
    const visitor = createVisitor(server.url);
    const csrf = csrfOf((await visitor.get('/sign-in')).text);
    const tryFrom = (round: number) =>
      visitor.post(
        '/sign-in',
        { csrf, email: `somebody-${round}@example.com`, password: 'wrong' },
        { 'x-forwarded-for': `203.0.113.${round}` },
      );
    const statuses = await Promise.all(
      Array.from({ length: 51 }, (_, round) => tryFrom(round).then(({ status }) => status)),
    );
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  });

  it('gives the session a new id at sign-in, so that a planted or older one is worth nothing', async () => {
    const visitor = createVisitor(server.url);
    visitor.cookies.set('grantcast_session', 'A'.repeat(43));
    await visitor.signIn(OWNER);
    const first = visitor.cookies.get('grantcast_session')!;
    expect(first).not.toBe('A'.repeat(43));
    const csrf = csrfOf((await visitor.get('/')).text);
    await visitor.post('/sign-in', { csrf, ...OWNER });
    expect(visitor.cookies.get('grantcast_session')).not.toBe(first);
    const old = createVisitor(server.url);
    old.cookies.set('grantcast_session', first);
    expect((await old.get('/')).location).toBe('/sign-in?return_to=%2F');
    expect(old.cookies.has('grantcast_session')).toBe(false);
  });

  it('ends at sign-out, after 14 idle days, after 30 days and when the person is disabled', async () => {
    const { db } = server.context;
    const signedIn = async () => {
      const visitor = createVisitor(server.url);
      await visitor.signIn(OWNER);
      return visitor;
    };
    const leaving = await signedIn();
    const copied = createVisitor(server.url);
    copied.cookies.set('grantcast_session', leaving.cookies.get('grantcast_session')!);
    expect((await leaving.submit('/', '/sign-out')).location).toBe('/sign-in');
    expect((await copied.get('/')).status).toBe(303);

    const idle = await signedIn();
    await db.$executeRaw`update browser_session set last_used_at = now() - interval '13 days 23 hours'`;
    expect((await idle.get('/')).status).toBe(200);
    await db.$executeRaw`update browser_session set last_used_at = now() - interval '14 days 1 minute'`;
    expect((await idle.get('/')).status).toBe(303);

    const old = await signedIn();
    await db.$executeRaw`update browser_session set expires_at = now() - interval '1 second'`;
    expect((await old.get('/')).status).toBe(303);

    const disabled = await signedIn();
    await db.person.updateMany({ data: { disabledAt: new Date() } });
    expect((await disabled.get('/')).status).toBe(303);
    expect((await createVisitor(server.url).signIn(OWNER)).status).toBe(401);
    await db.person.updateMany({ data: { disabledAt: null } });
  });
});

describe('where to go after sign-in', () => {
  const foreign = [
    '//evil.example',
    '///evil.example',
    '////evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    'https://evil.example',
    'http:evil.example',
    'https:/evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'evil.example',
    '@evil.example',
    '.evil.example',
    '/..//evil.example',
    '/.//evil.example',
    '/%2e%2e//evil.example',
    ' //evil.example',
    '/ /evil.example',
    '\u0000/x',
    '/\u00a0\\evil',
    '',
    '?x',
    '#x',
    `/${'x'.repeat(3000)}`,
  ];
  it.each(foreign)('refuses %j', async (value) => {
    const target = safeReturnTo(value, server.url);
    expect(new URL(target, server.url).origin).toBe(server.url);
    expect(target).toMatch(/^\/(?![/\\])/);
    const visitor = createVisitor(server.url);
    const answer = await visitor.submit('/sign-in', '/sign-in', { ...OWNER, return_to: value });
    expect(new URL(answer.location!, server.url).origin).toBe(server.url);
    expect(answer.location).toMatch(/^\/(?![/\\])/);
  });

  it.each(['/', '/posts?show=drafts', '/interaction/abc_DEF-1', '/posts/pst_1/approve#note'])(
    'keeps %j',
    (value) => {
      expect(safeReturnTo(value, server.url)).toBe(value);
    },
  );

  it('comes back to the page that was asked for', async () => {
    const visitor = createVisitor(server.url);
    const asked = await visitor.get('/posts?show=drafts');
    expect(asked.location).toBe('/sign-in?return_to=%2Fposts%3Fshow%3Ddrafts');
    expect((await visitor.get(asked.location!)).text).toContain(
      'name="return_to" value="/posts?show=drafts"',
    );
  });
});

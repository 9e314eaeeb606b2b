import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { revokeConnection } from '../../server/oauth/connections.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addConnection, addMember, addPost, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, csrfOf, valueOf, type Visitor } from './support/visitor.ts';

const CSP =
  "default-src 'self';script-src 'self';style-src 'self';img-src 'self' data:;form-action 'self';frame-ancestors 'none';base-uri 'none';object-src 'none'";
const INLINE = /<style|<script(?![^>]* src=)|<[a-z][^>]* (style|on[a-z]+)=/;
const XSS = `<script>alert(1)</script>"><img src=x onerror=alert(2)> ' onmouseover='x {{7*7}} \${7*7} </textarea></title>`;

let server: PagesServer;
let scene: Scene;
let owner: Visitor;
let connectionId: string;

beforeAll(async () => {
  server = await startPagesServer({}, (ctx) => {
    if (ctx.path === '/behind') ctx.body = { person: ctx.state['session']?.personId ?? null };
    if (ctx.path === '/broken') throw new Error('secret detail');
  });
  scene = await createScene(server.context);
  connectionId = await addConnection(server.context, scene.owner, 'An editor');
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
});
afterAll(() => server[Symbol.asyncDispose]());

const stateOf = async (postId: string) =>
  (await server.context.db.delivery.findFirstOrThrow({ where: { postId } })).state;

describe('approving', () => {
  const approvalOf = async (postId: string) => {
    const shown = await owner.get(`/posts/${postId}/approve`);
    return {
      csrf: csrfOf(shown.text),
      rev: valueOf(shown.text, 'rev'),
      content_hash: valueOf(shown.text, 'content_hash'),
      places: valueOf(shown.text, 'places'),
    };
  };

  it('shows the exact text, who asks and when, and schedules at a yes', async () => {
    const postId = await addPost(server.context, scene, {
      text: 'Exactly  this\ntext',
      state: 'awaiting_approval',
      connectionId,
    });
    const page = await owner.get(`/posts/${postId}/approve`);
    expect(page.text).toContain('<p class="caption">Exactly  this\ntext</p>');
    expect(page.text).toContain('An editor for Olivia Owner');
    expect(page.text).toMatch(/Goes out.*CET/s);
    const answer = await owner.post(`/posts/${postId}/approve`, {
      ...(await approvalOf(postId)),
      decision: 'approve',
      note: 'Good',
    });
    expect(answer.location).toBe(`/posts/${postId}?done=approved`);
    expect(await stateOf(postId)).toBe('scheduled');
    expect((await owner.get(answer.location!)).text).toMatch(/Approved by Olivia Owner.*Good/s);
  });

  it('says that a yes sends it at once when its time has come', async () => {
    const late = { state: 'awaiting_approval' as const, connectionId };
    const due = await addPost(server.context, scene, { ...late, text: 'Now', hoursAhead: -0.1 });
    const later = await addPost(server.context, scene, { ...late, text: 'Later' });
    expect((await owner.get(`/posts/${due}/approve`)).text).toContain('At once, when you approve.');
    expect((await owner.get(`/posts/${later}/approve`)).text).not.toContain('At once');
  });

  it('stops it at a no', async () => {
    const postId = await addPost(server.context, scene, {
      text: 'Rather not',
      state: 'awaiting_approval',
      connectionId,
    });
    const answer = await owner.post(`/posts/${postId}/approve`, {
      ...(await approvalOf(postId)),
      decision: 'reject',
    });
    expect(answer.location).toMatch(new RegExp(`/approve\\?done=rejected&after=${postId}$`));
    expect(await stateOf(postId)).not.toBe('scheduled');
  });

  it('refuses a yes to what was not shown, and shows what it says now', async () => {
    const postId = await addPost(server.context, scene, {
      text: 'Stale',
      state: 'awaiting_approval',
      connectionId,
    });
    const form = await approvalOf(postId);
    for (const stale of [
      { rev: '2' },
      { content_hash: '0'.repeat(64) },
      { content_hash: 'nonsense' },
      { rev: 'x' },
    ]) {
      const answer = await owner.post(`/posts/${postId}/approve`, {
        ...form,
        ...stale,
        decision: 'approve',
        note: 'keep me',
      });
      expect(answer.status).toBe(409);
      expect(answer.text).toContain('Your decision was not taken.');
      expect(answer.text).toContain('keep me');
      expect(valueOf(answer.text, 'content_hash')).toBe(form.content_hash);
    }
    expect((await owner.post(`/posts/${postId}/approve`, form)).status).toBe(400);
    expect(await stateOf(postId)).toBe('awaiting_approval');
  });
});

describe('connections', () => {
  it('says how many posts will be held, holds them at a revocation, and hands them over or cancels them', async () => {
    const lost = await addConnection(server.context, scene.owner, 'A lost laptop');
    const mine = await addPost(server.context, scene, {
      text: 'Mine now',
      state: 'scheduled',
      connectionId: lost,
    });
    expect((await owner.get(`/connections/${lost}/revoke`)).text).toContain(
      'One scheduled post depends on it',
    );
    await owner.submit(`/connections/${lost}/revoke`, `/connections/${lost}/revoke`);
    expect(await stateOf(mine)).toBe('held');
    expect((await owner.get(`/posts/${mine}`)).text).toContain('Hand over or cancel under Connections');
    expect((await owner.get('/connections')).text).toMatch(
      /A lost laptop.*One post is held.*Mine now.*Hand over to me/s,
    );
    expect((await owner.get(`/connections/${lost}/revoke`)).status).toBe(404);
    await owner.submit('/connections', `/connections/${lost}/hand-over`);
    expect(['scheduled', 'awaiting_approval']).toContain(await stateOf(mine));

    const other = await addConnection(server.context, scene.owner, 'Another one');
    const gone = await addPost(server.context, scene, {
      text: 'Not needed',
      state: 'scheduled',
      connectionId: other,
    });
    await revokeConnection(server.context, scene.owner, other);
    await owner.submit('/connections', `/connections/${other}/cancel-posts`);
    expect(await stateOf(gone)).toBe('draft');
  });
});

describe('teams', () => {
  it('opens a link in the team it belongs to, and switches by the corner', async () => {
    const { context } = server;
    const second = await context.db.team.create({
      data: { id: 'team_00000000000070008000000000000003', name: 'Second Team', timeZone: 'UTC' },
    });
    const { email, password, caller } = await addMember(context, second.id, 'editor');
    await context.db.membership.create({
      data: { teamId: scene.owner.teamId, personId: caller.personId, role: 'viewer' },
    });
    const visitor = createVisitor(server.url);
    await visitor.signIn({ email, password });
    expect((await visitor.get('/')).text).toContain('<h1>Harbour Bakery</h1>');
    await visitor.submit('/', '/team', { team: second.id });
    expect((await visitor.get('/')).text).toContain('<h1>Second Team</h1>');
    const postId = await addPost(context, scene, { text: 'Of the first team' });
    expect((await visitor.get(`/posts/${postId}`)).status).toBe(200);
    expect((await visitor.get('/')).text).toContain('<h1>Harbour Bakery</h1>');
  });
});

describe('foreign text', () => {
  it('is shown as text wherever it stands', async () => {
    const { context } = server;
    await context.db.person.update({ where: { id: scene.owner.personId }, data: { name: XSS } });
    await context.db.team.update({ where: { id: scene.owner.teamId }, data: { name: XSS } });
    await context.db.campaign.update({
      where: { id: scene.campaignId },
      data: { name: XSS, goal: XSS, audience: XSS, keyMessages: [XSS] },
    });
    await context.db.channel.updateMany({ data: { handle: XSS } });
    const id = await addConnection(context, scene.owner, XSS);
    const waiting = await addPost(context, scene, {
      text: XSS,
      state: 'awaiting_approval',
      connectionId: id,
    });
    const published = await addPost(context, scene, { text: XSS, state: 'published' });
    await addPost(context, scene, { text: XSS, state: 'held', connectionId: id });
    await context.db.delivery.updateMany({ where: { state: 'held' }, data: { problemMessage: XSS } });
    const timeline = await context.db.playgroundPost.findFirstOrThrow();
    context.clientEvents.record({ kind: 'token_refused', connectionId: id, userAgent: XSS, reason: XSS });
    await context.clientEvents.flush();
    const paths = [
      '/',
      '/posts',
      '/campaigns',
      `/campaigns/${scene.campaignId}`,
      `/posts/${waiting}`,
      `/posts/${waiting}/approve`,
      `/posts/${published}`,
      '/connections',
      `/connections/${id}`,
      `/connections/${id}/revoke`,
      '/channels',
      '/playground',
      `/playground/${timeline.id}`,
      '/activity',
    ];
    for (const path of paths) {
      const { text, status } = await owner.get(path);
      expect(status, path).toBe(200);
      expect(text, path).toContain('&lt;script>alert(1)');
      expect(text, path).not.toMatch(/<script>|<img src=x|<\/textarea><\/title>/);
      expect(text.match(/<script(?! type="module" src="\/assets\/[a-z-]+\.js">)/g), path).toBeNull();
    }
    const form = await owner.post(`/posts/${waiting}/approve`, {
      csrf: csrfOf((await owner.get('/')).text),
      rev: '9',
      content_hash: XSS,
      note: XSS,
      decision: 'approve',
    });
    expect(form.text).not.toContain('<script>alert');
    const signIn = await createVisitor(server.url).submit('/sign-in', '/sign-in', {
      email: XSS,
      password: 'x',
      return_to: XSS,
    });
    expect(signIn.text).not.toContain('<script>alert');
  });
});

describe('every answer', () => {
  it('carries the headers, no inline style or script, and is not kept', async () => {
    const paths = [
      '/',
      '/sign-in',
      '/posts',
      '/campaigns',
      '/connections',
      '/channels',
      '/channels/link/bluesky',
      '/playground',
      '/activity',
      '/nothing-here',
      '/broken',
      '/behind',
      '/assets/base.css',
    ];
    for (const path of paths) {
      const { headers, text } = await owner.get(path);
      expect(headers.get('content-security-policy'), path).toBe(CSP);
      expect(headers.get('x-frame-options'), path).toBe('DENY');
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
      expect(headers.get('referrer-policy'), path).toBe('same-origin');
      const isPage = headers.get('content-type')?.includes('html') ?? false;
      expect(isPage && headers.get('cache-control') !== 'no-store', path).toBe(false);
      expect(isPage && INLINE.test(text), path).toBe(false);
    }
    expect((await owner.get('/')).headers.get('cross-origin-opener-policy')).toBe('same-origin');
    const visitor = createVisitor(server.url);
    for (const path of ['/sign-in', '/behind', '/nothing-here']) {
      expect((await visitor.get(path)).headers.has('cross-origin-opener-policy'), path).toBe(false);
    }
  });

  it('of a bug says nothing but a number', async () => {
    const { status, text } = await owner.get('/broken');
    expect(status).toBe(500);
    expect(text).toMatch(/<code>[0-9a-f]{12}<\/code>/);
    expect(text).not.toContain('secret detail');
    const json = await owner.get('/broken', { accept: 'application/json' });
    expect(JSON.parse(json.text)).toMatchObject({
      error: 'internal',
      id: expect.stringMatching(/^[0-9a-f]{12}$/),
    });
  });

  it('behind the pages knows who is there', async () => {
    expect(JSON.parse((await owner.get('/behind')).text)).toEqual({ person: scene.owner.personId });
    expect(JSON.parse((await createVisitor(server.url).get('/behind')).text)).toEqual({ person: null });
  });
});

describe('assets', () => {
  it('come with their type and are not sent twice', async () => {
    const first = await owner.get('/assets/base.css');
    expect(first.headers.get('content-type')).toBe('text/css; charset=utf-8');
    const again = await owner.get('/assets/base.css', {
      'if-none-match': first.headers.get('etag')!,
      // Or fetch asks for an uncached answer.
      'cache-control': 'max-age=0',
      pragma: 'x',
    });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  it.each([
    '/assets/',
    '/assets/../layout.ts',
    '/assets/..%2flayout.ts',
    '/assets/%2e%2e/layout.ts',
    '/assets/constructor',
  ])('%s is none', async (path) => {
    expect((await owner.get(path)).status).toBe(404);
  });
});

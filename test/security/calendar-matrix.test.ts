// The calendar and what moves a post on it, asked for by everybody who is not meant: nothing moves and nothing is told.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { getPost } from '../../server/posts/get-post.ts';
import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { addMember, addPost, createScene, OWNER, type Scene } from '../http/support/scene.ts';
import { createVisitor, csrfOf, type Visitor } from '../http/support/visitor.ts';
import { createOwner } from '../support/test-context.ts';
import { listPageRoutes } from '../support/page-routes.ts';

/** Who of the team may. */
const ROUTES: Readonly<Record<string, 'viewer' | 'editor'>> = {
  'GET /calendar': 'viewer',
  'GET /calendar/posts.json': 'viewer',
  'GET /posts/:id/move': 'editor',
  'POST /posts/:id/move': 'editor',
  'POST /posts/:id/drop': 'editor',
};
const ABOUT = /^\/calendar|\/(move|drop)$/;
const SECRET = 'Nobody else may read this';

let server: PagesServer;
let scene: Scene;
let visitors: Record<'stranger' | 'viewer' | 'editor' | 'owner', Visitor>;
let postId: string;
/** What an honest form says was shown. */
let contentHash: string;

beforeAll(async () => {
  server = await startPagesServer();
  const { context } = server;
  scene = await createScene(context);
  const { teamId } = scene.owner;
  const signIn = async (person: { email: string; password: string }) => {
    const visitor = createVisitor(server.url);
    await visitor.signIn(person);
    return visitor;
  };
  visitors = {
    stranger: await signIn(await addMember(context, (await createOwner(context)).team.id, 'owner')),
    viewer: await signIn(await addMember(context, teamId, 'viewer')),
    editor: await signIn(await addMember(context, teamId, 'editor')),
    owner: await signIn(OWNER),
  };
});
afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  await server.context.db.post.updateMany({ data: { discardedAt: new Date() } });
  postId = await addPost(server.context, scene, { text: SECRET, state: 'scheduled', hoursAhead: 1 });
  ({ contentHash } = await getPost(server.context, scene.owner, { postId }));
});

async function snapshot(): Promise<string> {
  const { db } = server.context;
  const where = { postId };
  return JSON.stringify(
    [await db.delivery.findMany({ where }), await db.approval.count()],
    (_key, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value),
  );
}

type Proof = 'own' | 'none' | "another's" | 'foreign site';

async function ask(visitor: Visitor, route: string, proof: Proof = 'own') {
  const [method, path] = route.split(' ') as [string, string];
  const address = path.replace(':id', postId);
  if (method === 'GET') return visitor.get(address);
  const from = proof === "another's" ? visitors.editor : visitor;
  const csrf = proof === 'none' ? '' : csrfOf((await from.get('/')).text);
  const origin = proof === 'foreign site' ? 'https://evil.example' : server.url;
  const time = { at: '2036-03-04T09:30', date: '2036-03-04', time: '09:30' };
  const shown = { rev: '1', content_hash: contentHash, channel: scene.channelId };
  const fields = { ...time, ...shown, csrf, team: scene.owner.teamId };
  return visitor.post(address, fields, { origin });
}

test('every route of the calendar stands in the matrix', () => {
  const routes = listPageRoutes(server.context)
    .filter(({ path }) => ABOUT.test(path))
    .map(({ method, path }) => `${method} ${path}`);
  expect(routes.toSorted()).toEqual(Object.keys(ROUTES).toSorted());
});

test.each(Object.keys(ROUTES))('%s: only for whom it is meant, by their own form', async (route) => {
  const before = await snapshot();
  const wrong: string[] = [];
  const refuse = async (
    who: string,
    answer: Promise<{ status: number; text: string }>,
    mayBeShown = false,
  ) => {
    const { status, text } = await answer;
    if (text.includes(SECRET)) wrong.push(`${who}: told`);
    if (!mayBeShown && ![303, 403, 404].includes(status)) wrong.push(`${who}: ${status}`);
    if ((await snapshot()) !== before) wrong.push(`${who}: moved`);
  };
  await refuse('somebody who is not signed in', ask(createVisitor(server.url), route));
  // Their own calendar, which is empty.
  await refuse('the owner of another team', ask(visitors.stranger, route), route.includes('/calendar'));
  if (ROUTES[route] === 'editor') await refuse('a viewer', ask(visitors.viewer, route));
  if (route.startsWith('POST')) {
    for (const proof of ['none', "another's", 'foreign site'] as const) {
      await refuse(`a form with the token of ${proof}`, ask(visitors.owner, route, proof));
    }
  }
  expect(wrong).toEqual([]);
});

test.each(Object.entries(ROUTES))('%s: works for the role of %s', async (route, who) => {
  const before = await snapshot();
  expect([200, 303]).toContain((await ask(visitors[who], route)).status);
  expect((await snapshot()) !== before).toBe(route.startsWith('POST'));
});

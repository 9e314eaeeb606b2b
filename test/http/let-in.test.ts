import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';

import { createSetupLink } from '../../server/teams/first-owner.ts';
import { createLetInLink } from '../../server/teams/let-in.ts';
import { moveTime } from '../support/move-time.ts';
import { createOwner, openTestContext } from '../support/test-context.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor } from './support/visitor.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const NEW_PASSWORD = 'a lamp over the pier';

let server: PagesServer;
let scene: Scene;
beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
});
afterEach(() => vi.useRealTimers());
afterAll(() => server[Symbol.asyncDispose]());

/** `npm run let-in -- WORDS`, as whoever runs the server does it. */
async function letIn(...words: string[]): Promise<{ code: number; out: string; problem: string }> {
  const { databaseUrl, publicUrl, dataDir } = server.context.config;
  const env = {
    ...{ PATH: process.env['PATH'], DATA_DIR: dataDir, DATABASE_URL: databaseUrl, PUBLIC_URL: publicUrl },
  };
  const args = ['--disable-warning=ExperimentalWarning', 'server/let-in/main.ts', ...words];
  return promisify(execFile)(process.execPath, args, { cwd: ROOT, env }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, problem: stderr }),
    ({ code, stdout, stderr }) => ({ code, out: stdout, problem: stderr }),
  );
}

async function makeMember(): Promise<{ email: string; password: string; personId: string }> {
  const { caller, ...credentials } = await addMember(server.context, scene.owner.teamId, 'editor');
  return { ...credentials, personId: caller.personId };
}

async function makePath(email: string): Promise<string> {
  return new URL((await createLetInLink(server.context, email)).link).pathname;
}

it('a link of the operator sets a new password, signs other browsers out, and both stand in the activity', async () => {
  const { email, password, personId } = await makeMember();
  const elsewhere = createVisitor(server.url);
  await elsewhere.signIn({ email, password });
  const { code, out, problem } = await letIn(email.toUpperCase());
  expect([code, problem]).toEqual([0, '']);
  expect(out).toContain(`The editor (${email}) sets a new password here, once, within the hour:`);
  const link = /^http\S+$/m.exec(out)![0];
  expect(link.startsWith(`${server.url}/let-in/`)).toBe(true);

  const visitor = createVisitor(server.url);
  const { pathname } = new URL(link);
  expect((await visitor.get(pathname)).text).toContain(email);
  const set = await visitor.submit(pathname, pathname, { password: NEW_PASSWORD });
  expect([set.status, set.location]).toEqual([303, '/?done=password_changed']);
  const home = await visitor.get(set.location!);
  expect(home.status).toBe(200);
  expect(home.text).toContain('The password is changed');
  expect((await elsewhere.get('/')).location).toMatch(/^\/sign-in/);
  expect((await createVisitor(server.url).signIn({ email, password })).status).toBe(401);
  expect((await createVisitor(server.url).signIn({ email, password: NEW_PASSWORD })).status).toBe(303);

  const rows = await server.context.db.activity.findMany({
    where: { target: personId, action: { in: ['person.let_in', 'person.password_changed'] } },
    orderBy: { id: 'asc' },
  });
  expect(rows.map(({ actor, action, teamId }) => [actor, action, teamId])).toEqual([
    ['system', 'person.let_in', scene.owner.teamId],
    ['person', 'person.password_changed', scene.owner.teamId],
  ]);
  const kept = await server.context.db.setupLink.findMany();
  expect(JSON.stringify(kept)).not.toContain(link.split('.').at(-1));
});

it('a link lets in once, also when ten browsers use it at the same time', async () => {
  const { email } = await makeMember();
  const pathname = await makePath(email);
  const visitors = Array.from({ length: 10 }, () => createVisitor(server.url));
  const answers = await Promise.all(
    visitors.map((visitor, index) =>
      visitor.submit(pathname, pathname, { password: `${NEW_PASSWORD} ${index}` }),
    ),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([303, ...Array(9).fill(404)]);
  expect((await createVisitor(server.url).get(pathname)).status).toBe(404);
});

it('one link used ends those made before, and a link is good for an hour', async () => {
  const { email } = await makeMember();
  const [first, second] = [await makePath(email), await makePath(email)];
  const visitor = createVisitor(server.url);
  expect((await visitor.submit(second, second, { password: NEW_PASSWORD })).status).toBe(303);
  expect((await visitor.get(first)).status).toBe(404);

  const old = await makePath(email);
  await moveTime(server.context, { seconds: 61 * 60 });
  const late = await createVisitor(server.url).get(old);
  expect(late.status).toBe(404);
  expect(late.text).toContain('older than an hour');
});

it.each([-2, 2])('a clock of the process that is %i hours off changes no link’s age', async (hours) => {
  await using context = await openTestContext();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 });
  await createSetupLink(context);
  const { person } = await createOwner(context);
  await createLetInLink(context, person.email);
  vi.useRealTimers();
  const ages = await context.db.$queryRaw`
    select round(extract(epoch from clock_timestamp() - created_at) / 60)::int as minutes from setup_link`;
  expect(ages).toEqual([{ minutes: 0 }, { minutes: 0 }]);
});

it('a password that is too short is refused, and the link is not used up', async () => {
  const { email } = await makeMember();
  const pathname = await makePath(email);
  const visitor = createVisitor(server.url);
  const refused = await visitor.submit(pathname, pathname, { password: 'short' });
  expect(refused.status).toBe(400);
  expect(refused.text).toContain('at least 10 characters');
  expect((await visitor.submit(pathname, pathname, { password: NEW_PASSWORD })).status).toBe(303);
});

it('a link of one person is none of another, no set-up link, and lets nobody in who was disabled', async () => {
  const { email, personId } = await makeMember();
  const pathname = await makePath(email);
  const secret = pathname.split('.').at(-1)!;
  const visitor = createVisitor(server.url);
  for (const other of [
    `/let-in/${scene.owner.personId}.${secret}`,
    `/let-in/${personId}`,
    `/set-up/${personId}.${secret}`,
  ]) {
    expect((await visitor.get(other)).status, other).toBe(404);
    expect((await visitor.submit('/sign-in', other, { password: NEW_PASSWORD })).status, other).toBe(404);
  }
  await server.context.db.person.update({ where: { id: personId }, data: { disabledAt: new Date() } });
  expect((await visitor.get(pathname)).status).toBe(404);
  expect(await letIn(email)).toMatchObject({ code: 1, out: '' });
});

it.each([
  ['nobody of that address', ['nobody@example.com'], 'Nobody here signs in as nobody@example.com.'],
  ['no address', ['harbour'], 'This is not an email address.'],
  ['nothing', [], 'npm run let-in -- EMAIL'],
  ['two addresses', [OWNER.email, OWNER.email], 'npm run let-in -- EMAIL'],
])('%s is refused with what to do', async (_, words, says) => {
  const { code, out, problem } = await letIn(...words);
  expect([code, out]).toEqual([1, '']);
  expect(problem).toContain(says);
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, createScene, PASSWORD, type Scene } from './support/scene.ts';
import { createVisitor, type Visitor } from './support/visitor.ts';

const NEW_PASSWORD = 'a river under the ice';

let server: PagesServer;
let scene: Scene;

beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
});
beforeEach(() => server.context.db.rateLimit.deleteMany());
afterAll(() => server[Symbol.asyncDispose]());

async function join() {
  const member = await addMember(server.context, scene.owner.teamId, 'editor');
  const visitor = createVisitor(server.url);
  await visitor.signIn(member);
  return { ...member, personId: member.caller.personId, visitor };
}

const change = (visitor: Visitor, fields: Record<string, string>) =>
  visitor.submit('/account', '/account/password', fields);

describe('the password', () => {
  it('is changed by whoever knows the present one, which ends the other sessions', async () => {
    const { email, visitor, personId } = await join();
    const elsewhere = createVisitor(server.url);
    await elsewhere.signIn({ email, password: PASSWORD });
    for (const current of ['', 'not the password']) {
      const refused = await change(visitor, { current, password: NEW_PASSWORD });
      expect([refused.status, refused.text.includes('The password is not right')]).toEqual([403, true]);
    }
    const short = await change(visitor, { current: PASSWORD, password: 'short' });
    expect([short.status, short.text.includes('at least 10 characters')]).toEqual([400, true]);
    const changed = await change(visitor, { current: PASSWORD, password: NEW_PASSWORD });
    expect(changed.location).toBe('/account?done=password_changed');
    expect((await visitor.get('/account?done=password_changed')).text).toContain('The password is changed');
    expect((await elsewhere.get('/')).status).toBe(303);
    expect((await createVisitor(server.url).signIn({ email, password: PASSWORD })).status).toBe(401);
    expect((await createVisitor(server.url).signIn({ email, password: NEW_PASSWORD })).status).toBe(303);
    const where = { personId, action: 'person.password_changed' };
    expect(await server.context.db.activity.findMany({ where })).toMatchObject([
      { result: 'ok', address: '127.0.0.1' },
    ]);
  });

  it('is not guessed here more often than on the sign-in page', async () => {
    const { visitor, email } = await join();
    const statuses = [];
    for (let round = 0; round < 11; round += 1)
      statuses.push((await change(visitor, { current: 'wrong', password: NEW_PASSWORD })).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 403), 429]);
    expect((await createVisitor(server.url).signIn({ email, password: PASSWORD })).status).toBe(429);
  });

  it('is set for the first time within ten minutes of a sign-in, and not in a session that was left open', async () => {
    const { visitor, personId, email } = await join();
    await server.context.db.person.update({ where: { id: personId }, data: { passwordHash: null } });
    await server.context.db
      .$executeRaw`update browser_session set created_at = created_at - interval '11 minutes'`;
    expect((await visitor.get('/account')).text).toContain('sign out, sign in again');
    expect((await change(visitor, { password: NEW_PASSWORD })).status).toBe(403);
    await server.context.db.$executeRaw`update browser_session set created_at = now()`;
    expect((await visitor.get('/account')).text).toContain('Set a password');
    expect((await change(visitor, { password: NEW_PASSWORD })).status).toBe(303);
    expect((await createVisitor(server.url).signIn({ email, password: NEW_PASSWORD })).status).toBe(303);
  });
});

describe('a linked company account', () => {
  const link = (personId: string, subject: string) =>
    server.context.db.externalIdentity.create({
      data: { issuer: 'https://login.example.com/', subject, personId, email: `${subject}@example.com` },
    });
  const unlink = (visitor: Visitor, subject: string, unlinkPassword: string) =>
    visitor.submit('/account', '/account/unlink', {
      issuer: 'https://login.example.com/',
      subject,
      unlinkPassword,
    });
  const linked = (subject: string) => server.context.db.externalIdentity.count({ where: { subject } });

  it('is unlinked with the password', async () => {
    const { visitor, personId } = await join();
    await link(personId, 'mine');
    expect((await visitor.get('/account')).text).toContain('mine@example.com');
    expect((await unlink(visitor, 'mine', 'wrong')).status).toBe(403);
    expect(await linked('mine')).toBe(1);
    expect((await unlink(visitor, 'mine', PASSWORD)).location).toBe('/account?done=company_unlinked');
    expect(await linked('mine')).toBe(0);
    const where = { personId, action: 'company_account.unlinked' };
    expect(await server.context.db.activity.count({ where })).toBe(1);
  });

  it('stays while it is the only way in', async () => {
    const { visitor, personId } = await join();
    await link(personId, 'only');
    await server.context.db.person.update({ where: { id: personId }, data: { passwordHash: null } });
    expect((await visitor.get('/account')).text).toContain('it is your only way in');
    expect((await unlink(visitor, 'only', '')).status).toBe(403);
    expect(await linked('only')).toBe(1);
  });

  it('of somebody else is out of reach', async () => {
    const [one, other] = [await join(), await join()];
    await link(other.personId, 'theirs');
    expect((await one.visitor.get('/account')).text).not.toContain('theirs@example.com');
    expect((await unlink(one.visitor, 'theirs', PASSWORD)).status).toBe(404);
    expect(await linked('theirs')).toBe(1);
  });
});

describe('somebody without a password', () => {
  it('is answered on the sign-in page as anybody with a wrong one, in the same time', async () => {
    const [without, withOne] = [await join(), await join()];
    await server.context.db.person.update({ where: { id: without.personId }, data: { passwordHash: null } });
    const times = { without: [] as number[], with: [] as number[] };
    const seen = new Set<string>();
    for (let round = 0; round < 8; round += 1) {
      for (const [kind, { email }] of [
        ['without', without],
        ['with', withOne],
      ] as const) {
        const visitor = createVisitor(server.url);
        await visitor.get('/sign-in');
        const start = performance.now();
        const answer = await visitor.signIn({ email, password: 'not the password' });
        times[kind].push(performance.now() - start);
        seen.add(
          `${answer.status} ${answer.text.replaceAll(email, '').replaceAll(/name="csrf" value="[^"]+"/g, '')}`,
        );
      }
    }
    expect(seen.size).toBe(1);
    const [a, b] = [Math.min(...times.without), Math.min(...times.with)];
    process.stdout.write(
      `sign-in: without a password ${a.toFixed(1)} ms, wrong password ${b.toFixed(1)} ms\n`,
    );
    expect(Math.max(a, b) / Math.min(a, b)).toBeLessThan(2);
  });
});

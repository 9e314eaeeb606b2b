import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { invitePerson } from '../../server/teams/invitations.ts';
import { moveTime } from '../support/move-time.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, createScene, OWNER, PASSWORD, type Scene } from './support/scene.ts';
import { createVisitor, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let scene: Scene;
let owner: Visitor;

beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
});
beforeEach(async () => {
  const { db } = server.context;
  await db.invitation.deleteMany();
  await db.rateLimit.deleteMany();
});
afterAll(() => server[Symbol.asyncDispose]());

const NEW = { name: 'Nina New', password: 'a river under the ice' };

async function invite(email: string, role = 'editor'): Promise<string> {
  const page = await owner.submit('/people', '/people/invitations', { email, role });
  expect(page.status).toBe(200);
  return /value="[^"]*(\/invitation\/[\w-]{43})"/.exec(page.text)![1]!;
}

const waiting = () => server.context.db.invitation.count({ where: { usedAt: null } });

/** A team of somebody else, with its owner signed in. */
async function addTeam(
  name: string,
): Promise<{ teamId: string; visitor: Visitor; email: string; personId: string }> {
  const team = await server.context.db.team.create({
    data: { id: `team_${name}`, name, timeZone: 'UTC' },
  });
  const { email, password, caller } = await addMember(server.context, team.id, 'owner');
  const visitor = createVisitor(server.url);
  await visitor.signIn({ email, password });
  return { teamId: team.id, visitor, email, personId: caller.personId };
}

describe('an invitation', () => {
  it('is shown to the owner once, and only its hash is stored', async () => {
    const path = await invite('one@example.com');
    const token = path.split('/').at(-1)!;
    expect((await owner.get('/people')).text).not.toContain(token);
    expect((await owner.get('/people')).text).toContain('one@example.com');
    const [row] = await server.context.db.invitation.findMany();
    expect(Buffer.from(row!.tokenHash).toString('base64url')).not.toBe(token);
    expect(JSON.stringify(row)).not.toContain(token);
    expect(row!.expiresAt.getTime() - row!.createdAt.getTime()).toBe(7 * 86_400_000);
  });

  it('makes an account with a password for somebody new, signs them in and is used up', async () => {
    const path = await invite('Nina@Example.com', 'viewer');
    const visitor = createVisitor(server.url);
    const page = await visitor.get(path);
    for (const words of ['Join Harbour Bakery', 'Olivia Owner', 'nina@example.com', 'as viewer'])
      expect(page.text).toContain(words);
    expect(page.headers.get('referrer-policy')).toBe('same-origin');
    expect(page.headers.get('cache-control')).toBe('no-store');
    const joined = await visitor.submit(path, path, NEW);
    expect([joined.status, joined.location]).toEqual([303, '/?done=joined']);
    expect((await visitor.get('/?done=joined')).text).toContain('Welcome to the team.');
    expect((await visitor.get('/people')).text).toContain('nina@example.com');
    const { memberships } = await server.context.db.person.findUniqueOrThrow({
      where: { email: 'nina@example.com' },
      include: { memberships: true },
    });
    expect(memberships).toMatchObject([{ teamId: scene.owner.teamId, role: 'viewer' }]);
    expect((await createVisitor(server.url).get(path)).status).toBe(404);
    const again = createVisitor(server.url);
    expect((await again.submit('/sign-in', path, { ...NEW, name: 'Again' })).status).toBe(404);
    expect((await again.signIn({ email: 'nina@example.com', password: NEW.password })).status).toBe(303);
  });

  it('is used by one of many who open it at once', async () => {
    const path = await invite('race@example.com');
    const visitors = Array.from({ length: 4 }, () => createVisitor(server.url));
    const answers = await Promise.all(visitors.map((visitor) => visitor.submit(path, path, NEW)));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(await server.context.db.person.count({ where: { email: 'race@example.com' } })).toBe(1);
  });

  it('says what is wrong with a name or password, and is not used up by it', async () => {
    const path = await invite('typo@example.com');
    const visitor = createVisitor(server.url);
    const short = await visitor.submit(path, path, { name: 'T', password: 'short' });
    expect([short.status, short.text.includes('at least 10 characters')]).toEqual([400, true]);
    expect(short.text).not.toContain('value="short"');
    expect((await visitor.submit(path, path, { name: ' ', password: NEW.password })).status).toBe(400);
    expect(await waiting()).toBe(1);
    expect((await visitor.submit(path, path, NEW)).status).toBe(303);
  });

  it('lets somebody with an account sign in and join', async () => {
    const other = await addTeam('Bakers');
    const path = await invite(other.email);
    const visitor = createVisitor(server.url);
    const page = await visitor.get(path);
    const href = /href="(\/sign-in\?return_to=[^"]*)"/.exec(page.text)![1]!;
    await visitor.submit(href, '/sign-in', { email: other.email, password: PASSWORD });
    expect((await visitor.get(path)).text).toContain('Join the team');
    expect((await visitor.submit(path, path)).location).toBe('/?done=joined');
    expect((await visitor.get('/')).text).toContain('Harbour Bakery');
    const roles = await server.context.db.membership.findMany({ where: { personId: other.personId } });
    expect(roles.map(({ role }) => role).toSorted()).toEqual(['editor', 'owner']);
  });

  it('tells somebody with another address that it is not for them, and does not let them in', async () => {
    const other = await addTeam('Butchers');
    const path = await invite('somebody-else@example.com');
    const page = await other.visitor.get(path);
    expect(page.text).toContain('This invitation is for somebody else');
    expect(page.text).not.toContain('Join the team');
    expect((await other.visitor.submit('/', path)).status).toBe(404);
    expect(await waiting()).toBe(1);
    const out = await other.visitor.submit(path, '/sign-out', { return_to: path });
    expect(out.location).toBe(path);
    expect((await other.visitor.get(path)).text).toContain('Make an account and join');
  });

  it('makes no second account for an address that has one', async () => {
    const other = await addTeam('Grocers');
    const path = await invite(other.email);
    const visitor = createVisitor(server.url);
    const refused = await visitor.submit(path, path, NEW);
    expect([refused.status, refused.text.includes('has an account already')]).toEqual([409, true]);
    expect(await waiting()).toBe(1);
    expect((await visitor.signIn({ email: other.email, password: NEW.password })).status).toBe(401);
  });

  it('looks the same whether the address has an account or not', async () => {
    const other = await addTeam('Florists');
    const seen = [];
    for (const email of [other.email, 'nobody-at-all@example.com']) {
      const made = await owner.submit('/people', '/people/invitations', { email, role: 'editor' });
      const path = /value="[^"]*(\/invitation\/[\w-]{43})"/.exec(made.text)![1]!;
      const page = await createVisitor(server.url).get(path);
      await server.context.db.invitation.deleteMany();
      const plain = (text: string) =>
        text
          .replaceAll(email, 'EMAIL')
          .replaceAll(/\/invitation\/[\w-]+|%2Finvitation%2F[\w-]+/g, 'LINK')
          .replaceAll(/value="[\w-]{43}"|inv_[0-9a-f]{32}|<time.*?<\/time>/g, '');
      seen.push([made.status, plain(made.text), page.status, plain(page.text)]);
    }
    expect(seen[1]).toEqual(seen[0]);
  });

  it('is answered alike when it is unknown, used, taken back, too old, or its owner is none any more', async () => {
    const other = await addTeam('Tailors');
    const second = await addMember(server.context, scene.owner.teamId, 'owner');
    const make = async () => {
      const { link } = await invitePerson(server.context, second.caller, {
        email: other.email,
        role: 'viewer',
      });
      return new URL(link).pathname;
    };
    const { db } = server.context;
    const ofSecond = { teamId: scene.owner.teamId, personId: second.caller.personId };
    const spoilers: [string, () => Promise<unknown>][] = [
      ['used', () => db.$executeRaw`update invitation set used_at = now()`],
      ['taken back', () => db.invitation.deleteMany()],
      ['too old', () => moveTime(server.context, { days: 7, seconds: 1 })],
      ['of a lowered owner', () => db.membership.updateMany({ where: ofSecond, data: { role: 'editor' } })],
      ['of a removed owner', () => db.membership.deleteMany({ where: ofSecond })],
    ];
    const unknown = await createVisitor(server.url).get(`/invitation/${'A'.repeat(43)}`);
    const restore = () =>
      db.membership.upsert({
        where: { teamId_personId: ofSecond },
        create: { ...ofSecond, role: 'owner' },
        update: { role: 'owner' },
      });
    for (const [what, spoil] of spoilers) {
      const path = await make();
      await spoil();
      const visitor = createVisitor(server.url);
      const page = await visitor.get(path);
      expect([page.status, page.text], what).toEqual([404, unknown.text]);
      expect((await visitor.submit('/sign-in', path, NEW)).status, what).toBe(404);
      await other.visitor.signIn({ email: other.email, password: PASSWORD });
      expect((await other.visitor.submit('/', path)).status, what).toBe(404);
      await restore();
    }
    expect(await db.membership.count({ where: { personId: other.personId } })).toBe(1);
  });

  it('ends when the same address is invited again, and when it is taken back', async () => {
    const first = await invite('again@example.com');
    const second = await invite('again@example.com', 'viewer');
    expect((await createVisitor(server.url).get(first)).status).toBe(404);
    expect((await createVisitor(server.url).get(second)).status).toBe(200);
    const { id } = await server.context.db.invitation.findFirstOrThrow();
    expect((await owner.submit('/people', `/people/invitations/${id}/take-back`)).location).toBe(
      '/people?done=invitation_taken_back',
    );
    expect((await createVisitor(server.url).get(second)).status).toBe(404);
    expect((await owner.submit('/people', `/people/invitations/${id}/take-back`)).status).toBe(404);
  });

  it('waits with a hundred others at most; what is too old does not count', async () => {
    const { db } = server.context;
    const ofTeam = { teamId: scene.owner.teamId, invitedById: scene.owner.personId, role: 'viewer' };
    await db.invitation.createMany({
      data: Array.from({ length: 100 }, (_, at) => ({
        ...{ ...ofTeam, id: `inv_${at}`, tokenHash: new Uint8Array([at]), email: `many-${at}@example.com` },
        expiresAt: new Date(Date.now() + 86_400_000),
      })),
    });
    const one = { email: 'one-more@example.com', role: 'viewer' };
    const refused = await owner.submit('/people', '/people/invitations', one);
    expect([refused.status, refused.text.includes('Take some back first')]).toEqual([400, true]);
    await moveTime(server.context, { days: 2 });
    await owner.signIn(OWNER);
    expect((await owner.submit('/people', '/people/invitations', one)).status).toBe(200);
    expect(await waiting()).toBe(1);
  });

  it.each([
    [{ email: 'not an address', role: 'editor' }, 400],
    [{ email: 'a@example.com', role: 'admin' }, 400],
    [{ email: OWNER.email.toUpperCase(), role: 'editor' }, 409],
  ])('is not made of %j', async (fields, status) => {
    expect((await owner.submit('/people', '/people/invitations', fields)).status).toBe(status);
    expect(await waiting()).toBe(0);
  });

  it('is made by owners only, and for their own team', async () => {
    const editor = await addMember(server.context, scene.owner.teamId, 'editor');
    const visitor = createVisitor(server.url);
    await visitor.signIn(editor);
    const fields = { email: 'friend@example.com', role: 'owner' };
    expect((await visitor.submit('/people', '/people/invitations', fields)).status).toBe(403);
    const other = await addTeam('Cobblers');
    const foreign = { ...fields, team: scene.owner.teamId };
    expect((await other.visitor.submit('/people', '/people/invitations', foreign)).status).toBe(403);
    await invite('mine@example.com');
    const { id } = await server.context.db.invitation.findFirstOrThrow();
    expect((await other.visitor.submit('/people', `/people/invitations/${id}/take-back`)).status).toBe(404);
    expect(await waiting()).toBe(1);
  });
});

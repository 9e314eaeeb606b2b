import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { changeRole, removeMember } from '../../server/teams/change-member.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addConnection, addMember, addPost, createScene, OWNER, type Scene } from './support/scene.ts';
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
  await server.context.db.membership.deleteMany({ where: { personId: { not: scene.owner.personId } } });
  await server.context.db.rateLimit.deleteMany();
});
afterAll(() => server[Symbol.asyncDispose]());

async function join(role: 'owner' | 'editor' | 'viewer') {
  const member = await addMember(server.context, scene.owner.teamId, role);
  const visitor = createVisitor(server.url);
  await visitor.signIn(member);
  return { ...member, personId: member.caller.personId, visitor };
}

const rolesOfTeam = async () =>
  (await server.context.db.membership.findMany({ where: { teamId: scene.owner.teamId } }))
    .map(({ role }) => role)
    .toSorted();

describe('the people of a team', () => {
  it('are seen by every member, and changed by owners only', async () => {
    const { email } = await join('viewer');
    expect((await owner.get('/people')).text).toContain('Change the role');
    for (const role of ['viewer', 'editor'] as const) {
      const member = await join(role);
      const page = await member.visitor.get('/people');
      expect(page.status).toBe(200);
      expect(page.text).toContain(email);
      expect(page.text).not.toMatch(/Change the role|Remove|Invite somebody|Invitations that wait/);
      const target = `/people/${scene.owner.personId}`;
      expect((await member.visitor.get(`${target}/remove`)).status).toBe(403);
      expect((await member.visitor.submit('/people', `${target}/remove`)).status).toBe(403);
      expect((await member.visitor.submit('/people', `${target}/role`, { role: 'viewer' })).status).toBe(403);
      const own = `/people/${member.personId}/role`;
      expect((await member.visitor.submit('/people', own, { role: 'owner' })).status).toBe(403);
    }
    expect(await rolesOfTeam()).toEqual(['editor', 'owner', 'viewer', 'viewer']);
  });

  it('get another role, which counts from their next click', async () => {
    const member = await join('viewer');
    const path = `/people/${member.personId}/role`;
    expect((await owner.submit('/people', path, { role: 'editor' })).location).toBe(
      '/people?done=role_changed',
    );
    expect((await member.visitor.get('/channels')).text).toContain('Link an account');
    expect((await owner.submit('/people', path, { role: 'boss' })).status).toBe(400);
    expect((await owner.submit('/people', '/people/per_x/role', { role: 'editor' })).status).toBe(404);
  });

  it('are listed page by page', async () => {
    const rows = Array.from({ length: 55 }, (_, at) => ({
      id: `per_${String(at).padStart(32, '0')}`,
      email: `many-${at}@example.com`,
      name: `Many ${at}`,
    }));
    await server.context.db.person.createMany({ data: rows });
    const teamId = scene.owner.teamId;
    await server.context.db.membership.createMany({
      data: rows.map(({ id }) => ({ teamId, personId: id, role: 'viewer' })),
    });
    const first = await owner.get('/people');
    const next = /href="(\/people\?cursor=[^"]+)"/.exec(first.text)![1]!;
    const second = await owner.get(next);
    const seen = `${first.text}${second.text}`.match(/many-\d+@example\.com/g);
    expect(new Set(seen).size).toBe(55);
  });
});

describe('removing somebody', () => {
  it('says first what stops with them, and then ends their membership and not their account', async () => {
    const member = await join('editor');
    const connectionId = await addConnection(server.context, member.caller, 'Their editor');
    await addPost(server.context, scene, { text: 'Theirs', state: 'scheduled', connectionId });
    await addPost(server.context, scene, { text: 'Not theirs', state: 'scheduled' });
    const page = await owner.get(`/people/${member.personId}/remove`);
    expect(page.text).toContain('One connection of theirs is revoked');
    expect(page.text).toContain('One post that waits under their name');
    const removed = await owner.submit('/people', `/people/${member.personId}/remove`);
    expect(removed.location).toBe('/people?done=member_removed');
    const connection = await server.context.db.connection.findUniqueOrThrow({ where: { id: connectionId } });
    expect([connection.revokedAt, connection.revokedById]).toEqual([expect.any(Date), scene.owner.personId]);
    const [held] = await server.context.db.delivery.findMany({
      where: { scheduledByConnectionId: connectionId },
    });
    expect([held!.state, held!.problemCode]).toEqual(['held', 'connection_revoked']);
    const alone = await member.visitor.get('/');
    expect([alone.status, alone.text.includes('You are in no team')]).toEqual([403, true]);
    expect((await member.visitor.submit('/', '/sign-out')).location).toBe('/sign-in');
    expect((await createVisitor(server.url).signIn(member)).status).toBe(303);
    expect((await owner.submit('/people', `/people/${member.personId}/remove`)).status).toBe(404);
  });

  it('never takes the last owner, nor lowers them', async () => {
    const path = `/people/${scene.owner.personId}`;
    expect((await owner.submit('/people', `${path}/remove`)).status).toBe(409);
    expect((await owner.submit('/people', `${path}/role`, { role: 'viewer' })).status).toBe(409);
    const second = await join('owner');
    await server.context.db.person.update({
      where: { id: second.personId },
      data: { disabledAt: new Date() },
    });
    expect((await owner.submit('/people', `${path}/remove`)).status).toBe(409);
    expect(await rolesOfTeam()).toEqual(['owner', 'owner']);
  });

  it('leaves one owner when two of them lower each other at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const second = await join('owner');
      const { context } = server;
      const first = scene.owner;
      const results = await Promise.allSettled([
        changeRole(context, first, { personId: second.personId, role: 'viewer' }),
        removeMember(context, second.caller, first.personId),
      ]);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await rolesOfTeam()).filter((role) => role === 'owner')).toHaveLength(1);
      await context.db.membership.deleteMany();
      await context.db.membership.create({
        data: { teamId: first.teamId, personId: first.personId, role: 'owner' },
      });
    }
  });

  it.each(['removed', 'lowered'])(
    'ends the invitations of an owner who is %s, also when they are one again',
    async (what) => {
      const second = await join('owner');
      const fields = { email: 'back-door@example.com', role: 'owner' };
      const made = await second.visitor.submit('/people', '/people/invitations', fields);
      const path = /value="[^"]*(\/invitation\/[\w-]{43})"/.exec(made.text)![1]!;
      const target = `/people/${second.personId}`;
      if (what === 'removed') await owner.submit('/people', `${target}/remove`);
      else await owner.submit('/people', `${target}/role`, { role: 'viewer' });
      const ofSecond = { teamId: scene.owner.teamId, personId: second.personId };
      await server.context.db.membership.upsert({
        where: { teamId_personId: ofSecond },
        create: { ...ofSecond, role: 'owner' },
        update: { role: 'owner' },
      });
      expect((await createVisitor(server.url).get(path)).status).toBe(404);
    },
  );

  it('asks who is an owner now, not when the page was opened', async () => {
    const [second, third] = [await join('owner'), await join('editor')];
    const { context } = server;
    await changeRole(context, scene.owner, { personId: second.personId, role: 'editor' });
    const { personId } = third;
    await expect(changeRole(context, second.caller, { personId, role: 'owner' })).rejects.toThrow(
      'not an owner',
    );
    await expect(removeMember(context, second.caller, personId)).rejects.toThrow('not an owner');
    expect(await rolesOfTeam()).toEqual(['editor', 'editor', 'owner']);
  });

  it('cannot reach into another team', async () => {
    const team = await server.context.db.team.create({
      data: { id: 'team_o', name: 'Others', timeZone: 'UTC' },
    });
    const outsider = await addMember(server.context, team.id, 'owner');
    const victim = await join('editor');
    const visitor = createVisitor(server.url);
    await visitor.signIn(outsider);
    expect((await visitor.get(`/people/${victim.personId}/remove`)).status).toBe(404);
    expect((await visitor.submit('/people', `/people/${victim.personId}/remove`)).status).toBe(404);
    const role = { role: 'viewer', team: scene.owner.teamId };
    expect((await visitor.submit('/people', `/people/${victim.personId}/role`, role)).status).toBe(403);
    expect(await rolesOfTeam()).toEqual(['editor', 'owner']);
  });
});

describe('what happened', () => {
  it('is on record with who, what and from where', async () => {
    const member = await join('viewer');
    await createVisitor(server.url).signIn({ email: member.email, password: 'wrong' });
    await createVisitor(server.url).signIn({ email: 'nobody@example.com', password: 'wrong' });
    await owner.submit('/people', `/people/${member.personId}/role`, { role: 'editor' });
    await owner.submit('/people', '/people/invitations', { email: 'i@example.com', role: 'viewer' });
    await owner.submit('/people', `/people/${member.personId}/remove`);
    await member.visitor.get('/');
    const rows = () =>
      server.context.db.activity.findMany({
        where: {
          OR: [
            { personId: member.personId },
            { target: member.personId },
            { action: 'member.invited', detail: { path: ['email'], equals: 'i@example.com' } },
          ],
        },
        orderBy: { at: 'asc' },
      });
    await expect
      .poll(async () => (await rows()).map(({ action }) => action).toSorted())
      .toEqual([
        'member.invited',
        'member.removed',
        'member.role_changed',
        'person.sign_in_failed',
        'person.signed_in',
      ]);
    const signIns = (await rows()).filter(({ action }) => action.startsWith('person.'));
    expect(signIns.map(({ result, address }) => [result, address])).toEqual([
      ['ok', '127.0.0.1'],
      ['wrong_password', '127.0.0.1'],
    ]);
    const leaving = createVisitor(server.url);
    await leaving.signIn(OWNER);
    await leaving.submit('/', '/sign-out');
    expect(await server.context.db.activity.count({ where: { action: 'person.signed_out' } })).toBe(1);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { Context } from '../../server/context.ts';
import { addClientConnection } from './support/clients-scene.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let context: Context;
let scene: Scene;
let owner: Visitor;
let connection: { id: string; clientId: string };

beforeAll(async () => {
  server = await startPagesServer();
  ({ context } = server);
  scene = await createScene(context);
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
  connection = await addClientConnection(context, scene.owner, { clientName: 'Desk editor' });
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => context.db.policyRule.deleteMany());

const rules = () => context.db.policyRule.findMany({ orderBy: [{ condition: 'asc' }, { id: 'asc' }] });
const version = async () =>
  (await context.db.team.findUniqueOrThrow({ where: { id: scene.owner.teamId } })).policyVersion;
const policyPath = (id = connection.id) => `/connections/${id}/policy`;
const ASK = { who: '', channel: '', tool: '', condition: 'always', effect: 'ask' };

async function signInAs(role: 'editor' | 'viewer') {
  const member = await addMember(context, scene.owner.teamId, role);
  const visitor = createVisitor(server.url);
  await visitor.signIn(member);
  return { visitor, caller: member.caller };
}

describe('the rules of the team', () => {
  it('are added through a form, shown in words, and put on record', async () => {
    const before = await version();
    const added = await owner.submit('/policy', '/policy', {
      ...ASK,
      who: `client:${connection.clientId}`,
      channel: scene.channelId,
      condition: 'quiet_hours',
      quiet_from: '22:00',
      quiet_to: '07:00',
      posts_per_day: '7',
    });
    expect(added).toMatchObject({ status: 303, location: '/policy?done=rule_added' });
    const [rule] = await rules();
    expect(rule).toMatchObject({
      clientId: connection.clientId,
      channelId: scene.channelId,
      quietFrom: '22:00',
      postsPerDay: null,
    });
    expect(await version()).toBeGreaterThan(before);
    const { text } = await owner.get('/policy');
    expect(text).toContain('Desk editor');
    expect(text).toContain('a post between 22:00 and 07:00 needs a person');
    const activity = await context.db.activity.findFirst({ where: { action: 'policy.rule_added' } });
    expect(activity).toMatchObject({ rule: rule!.id, target: rule!.id, personId: scene.owner.personId });
  });

  it('are removed after a second look, for good', async () => {
    await owner.submit('/policy', '/policy', { ...ASK, effect: 'deny' });
    const [rule] = await rules();
    const path = `/policy/rules/${rule!.id}/remove`;
    const before = await version();
    expect((await owner.get(path)).text).toContain('any post is not allowed');
    expect(await rules()).toHaveLength(1);
    expect((await owner.submit(path, path)).location).toBe('/policy?done=rule_removed');
    expect(await rules()).toEqual([]);
    expect(await version()).toBeGreaterThan(before);
    expect((await owner.submit('/policy', path)).status).toBe(404);
  });

  it.each([
    [{ condition: 'daily_cap', posts_per_day: 'many' }, 'posts_per_day'],
    [{ condition: 'daily_cap', posts_per_day: '3', tool: 'schedule_post' }, 'tool'],
    [{ condition: 'daily_cap', posts_per_day: '3', effect: 'allow' }, 'effect'],
    [{ condition: 'quiet_hours', quiet_from: '25:00', quiet_to: '07:00' }, 'quiet_from'],
    [{ condition: 'quiet_hours', quiet_from: '07:00', quiet_to: '07:00' }, 'quiet_to'],
    [{ condition: 'after', after_at: 'soon' }, 'after_at'],
    [{ condition: 'after', after_at: '2020-01-01' }, 'after_at'],
    [{ effect: 'allow' }, 'effect'],
    [{ condition: 'quiet_hours', quiet_from: '22:00', quiet_to: '07:00', effect: 'allow' }, 'effect'],
    [{ condition: 'first_use', effect: 'deny' }, 'effect'],
    [{ condition: 'sometimes' }, 'condition'],
    [{ effect: 'maybe' }, 'effect'],
    [{ tool: 'approve_post' }, 'tool'],
    [{ tool: 'create_post', condition: 'first_use' }, 'tool'],
    [{ who: 'client:somebody' }, 'who'],
    [{ who: `connection:con_${'0'.repeat(32)}` }, 'who'],
    [{ channel: `chn_${'0'.repeat(32)}` }, 'channel'],
  ])('refuses %j and says so at the field', async (change, field) => {
    const page = await owner.submit('/policy', '/policy', { ...ASK, ...change });
    expect(page.status).toBe(400);
    expect(page.text).toContain(`id="field-${field}-error"`);
    expect(await rules()).toEqual([]);
  });

  it('may begin today', async () => {
    const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(new Date());
    const added = await owner.submit('/policy', '/policy', { ...ASK, condition: 'after', after_at: today });
    expect(added.status).toBe(303);
  });

  it('are the same once only', async () => {
    await owner.submit('/policy', '/policy', ASK);
    const again = await owner.submit('/policy', '/policy', ASK);
    expect(again.text).toContain('There is such a rule already.');
    // Below a long list of rules nobody would see it otherwise.
    expect(again.text).toContain('<form id="add-rule" method="post" action="/policy#add-rule"');
    expect(await rules()).toHaveLength(1);
  });

  it.each(['editor', 'viewer'] as const)('are not an %s’s to change', async (role) => {
    const { visitor } = await signInAs(role);
    expect((await visitor.get('/policy')).text).toContain('Only an owner of the team');
    expect((await visitor.submit('/', '/policy', ASK)).status).toBe(403);
    await owner.submit('/policy', '/policy', ASK);
    const [rule] = await rules();
    expect((await visitor.submit('/', `/policy/rules/${rule!.id}/remove`)).status).toBe(403);
    expect(await rules()).toHaveLength(1);
  });

  it('are no business of another team', async () => {
    await owner.submit('/policy', '/policy', ASK);
    const [rule] = await rules();
    const person = await context.db.person.create({
      data: { id: 'per_stranger', email: 'stranger@example.com', name: 'Stranger', passwordHash: 'none' },
    });
    const team = await context.db.team.create({
      data: { id: 'team_other', name: 'Other', timeZone: 'Europe/Berlin' },
    });
    await context.db.membership.create({ data: { teamId: team.id, personId: person.id, role: 'owner' } });
    const { addRule, removeRule } = await import('../../server/policy/edit-rules.ts');
    const stranger = { kind: 'person', teamId: team.id, personId: person.id, role: 'owner' } as const;
    const notFound = { kind: 'NotFound' };
    await expect(removeRule(context, stranger, rule!.id)).rejects.toMatchObject(notFound);
    for (const about of [
      { connectionId: connection.id },
      { clientId: connection.clientId },
      { channelId: scene.channelId },
    ])
      await expect(
        addRule(context, stranger, { condition: 'always', effect: 'ask', ...about }),
      ).rejects.toMatchObject(notFound);
  });
});

describe('whom a rule is about', () => {
  it('is told apart by when it connected where names are the same', async () => {
    const named = { clientName: 'Twin editor' };
    const twin = await addClientConnection(context, scene.owner, { ...named, minutesAgo: 3000 });
    expect((await owner.get('/policy')).text).toContain('>Twin editor (127.0.0.1)<');
    await addClientConnection(context, scene.owner, { ...named, clientId: twin.clientId, minutesAgo: 90 });
    await addClientConnection(context, scene.owner, { ...named, minutesAgo: 60 });
    const options = (await owner.get('/policy')).text.match(/<option[^>]*>Twin editor[^<]*/g)!;
    expect(options).toHaveLength(5);
    const labels = options.map((option) => option.replace(/^.*>/, ''));
    expect(new Set(labels).size).toBe(5);
    for (const label of labels) expect(label).toMatch(/, connected \w{3}, \d+ \w+ \d{4}, \d\d:\d\d /);
  });

  it('is said to end with its connection', async () => {
    for (const path of ['/policy', policyPath()]) {
      expect((await owner.get(path)).text).toMatch(/When an editor\s+connects anew/);
    }
  });
});

describe('the rules of one connection', () => {
  it('say what it publishes unasked', async () => {
    const saved = await owner.submit(policyPath(), policyPath(), {
      [`channel ${scene.channelId}`]: 'yes',
      posts_per_day: '3',
      last_day: '2036-12-31',
    });
    expect(saved.location).toBe(`${policyPath()}?done=policy_saved`);
    expect(await rules()).toMatchObject([
      { condition: 'after', effect: 'ask', afterAt: new Date('2036-12-31T23:00:00Z') },
      { condition: 'daily_cap', effect: 'ask', postsPerDay: 3 },
      { condition: 'first_use', effect: 'allow', channelId: scene.channelId },
    ]);
    const { text } = await owner.get(policyPath());
    expect(text).toContain('value="2036-12-31"');
    expect(text).toContain('value="3"');
    await owner.submit(policyPath(), policyPath(), {});
    expect(await rules()).toMatchObject([{ condition: 'always', effect: 'ask', channelId: scene.channelId }]);
    const wrong = await owner.submit(policyPath(), policyPath(), { posts_per_day: 'x' });
    expect(wrong.status).toBe(400);
  });

  it('are its own person’s to make stricter, never to loosen what an owner ruled', async () => {
    const { visitor, caller } = await signInAs('editor');
    const mine = await addClientConnection(context, caller, { clientName: 'My editor' });
    const path = policyPath(mine.id);
    const ownersRule = { ...ASK, effect: 'deny', condition: 'daily_cap', posts_per_day: '2' };
    await owner.submit(path, `${path}/rules`, ownersRule);
    await owner.submit(path, path, { posts_per_day: '1' });
    const byOwner = await rules();
    expect(await visitor.submit(path, `${path}/rules`, { ...ASK, effect: 'deny' })).toMatchObject({
      status: 303,
    });
    expect((await visitor.submit(path, `${path}/rules`, { ...ASK, effect: 'allow' })).status).toBe(403);
    await visitor.submit(path, path, { [`channel ${scene.channelId}`]: 'yes' });
    const after = await rules();
    for (const rule of byOwner) expect(after).toContainEqual(rule);
    for (const { id } of byOwner)
      expect((await visitor.submit('/', `/policy/rules/${id}/remove`)).status).toBe(403);
    const own = after.find(({ effect, createdById }) => effect === 'deny' && createdById === caller.personId);
    expect((await visitor.submit('/', `/policy/rules/${own!.id}/remove`)).location).toBe(
      `${path}?done=rule_removed`,
    );
  });

  it('are not another person’s to change', async () => {
    const { visitor } = await signInAs('editor');
    expect((await visitor.get(policyPath())).text).not.toContain('Add the rule');
    expect((await visitor.submit('/', policyPath(), {})).status).toBe(403);
    expect((await visitor.submit('/', `${policyPath()}/rules`, ASK)).status).toBe(403);
    expect(await rules()).toEqual([]);
  });
});

it('a form without its token changes nothing', async () => {
  expect((await owner.post('/policy', ASK)).status).toBe(403);
  expect(await rules()).toEqual([]);
});

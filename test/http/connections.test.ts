import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { findBearer } from '../../server/oauth/bearer.ts';
import { connectClient } from '../domain/connect-client.ts';
import { moveTime } from '../support/move-time.ts';
import { addClient, addClientConnection, addClientEvents } from './support/clients-scene.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, addPost, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let context: Context;
let scene: Scene;
let owner: Visitor;

beforeAll(async () => {
  server = await startPagesServer();
  ({ context } = server);
  scene = await createScene(context);
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
});
afterAll(() => server[Symbol.asyncDispose]());

async function groupOf(connectionId: string): Promise<string> {
  const [group] = await context.db.$queryRaw<[{ id: string }]>`
    select 'grp_' || md5(client_name || chr(10) || redirect_host) as id from connection where id = ${connectionId}`;
  return group.id;
}

async function signInAs(role: 'editor' | 'viewer') {
  const member = await addMember(context, scene.owner.teamId, role);
  const visitor = createVisitor(server.url);
  await visitor.signIn(member);
  return { visitor, caller: member.caller };
}

/** A connection with tokens that the endpoint takes. */
async function connect() {
  const { teamId, personId } = scene.owner;
  const person = { id: personId, email: OWNER.email, name: 'Olivia Owner' };
  const team = { id: teamId, name: 'Harbour Bakery', timeZone: 'Europe/Berlin' };
  const { caller, token } = await connectClient(context, {
    person,
    team,
    caller: scene.owner,
    playgroundChannelId: scene.channelId,
  });
  const scopesOf = async () => {
    const bearer = await findBearer(context, token);
    return bearer.kind === 'ok' ? [...bearer.caller.scopes] : bearer.kind;
  };
  return { id: caller.connectionId, path: `/connections/${caller.connectionId}`, scopesOf };
}

const stateOf = async (postId: string) =>
  (await context.db.delivery.findFirstOrThrow({ where: { postId } })).state;

describe('a connection', () => {
  it('tells its rules by the clock of the team, and channels by their names', async () => {
    const { id } = await addClientConnection(context, scene.owner, {
      clientName: 'Has rules',
      scopes: ['schedule:read', 'schedule:write'],
    });
    const rule = {
      teamId: scene.owner.teamId,
      connectionId: id,
      effect: 'ask',
      createdById: scene.owner.personId,
    };
    await context.db.policyRule.createMany({
      data: [
        { ...rule, id: newId('policyRule'), condition: 'after', afterAt: new Date('2030-12-31T23:00:00Z') },
        { ...rule, id: newId('policyRule'), condition: 'first_use', channelId: scene.channelId },
      ],
    });
    const { text } = await owner.get(`/connections/${id}`);
    expect(text).toContain('A post from Wed, 1 Jan 2031, 00:00 CET on');
    expect(text).toContain('(on Playground)');
    expect(text).toContain('To allow more, sign out of this server in the editor');
  });
});

describe('the list', () => {
  it('shows an editor that registered ten times as one client', async () => {
    for (let times = 0; times < 10; times += 1) {
      await addClientConnection(context, scene.owner, {
        clientName: 'Registers often',
        redirectHost: 'vscode.dev',
        isRevoked: times > 1,
      });
    }
    const { text } = await owner.get('/connections?q=registers+often');
    expect(text.match(/<h2[^>]*>/g)).toHaveLength(1);
    expect(text).toContain('2 in force, 8 ended');
    const { text: ended } = await owner.get('/connections?q=registers+often&show=ended');
    expect(ended).toMatch(/<details open>\s*<summary>8 ended/);
  });

  it('leads to the rules', async () => {
    expect((await owner.get('/connections')).text).toContain('<a href="/policy">Rules</a>');
  });

  it('tells the same name at another host apart', async () => {
    for (const redirectHost of ['claude.ai', 'evil.example']) {
      await addClientConnection(context, scene.owner, { clientName: 'Claude', redirectHost });
    }
    const { text } = await owner.get('/connections?q=claude');
    expect(text).toMatch(
      /Answers go to claude.ai.*Answers go to evil.example|Answers go to evil.example.*Answers go to claude.ai/s,
    );
  });

  it('shows who was asked and said no, and who registered and never came back', async () => {
    const denied = await addClient(context, 'Was denied', 'claude.ai');
    await addClientEvents(context, [
      { kind: 'consent_shown', clientId: denied, personId: scene.owner.personId },
      { kind: 'consent_denied', clientId: denied, personId: scene.owner.personId },
    ]);
    await addClient(context, 'Never came back', 'cursor:');
    const { text } = await owner.get('/connections?show=ended');
    expect(text).toMatch(/Was denied.*1 never finished.*Nobody has allowed it/s);
    expect(text).toMatch(/Never came back.*cursor:/s);
    const { visitor } = await signInAs('editor');
    const theirs = (await visitor.get('/connections?show=ended')).text;
    expect(theirs).toContain('Was denied');
    expect(theirs).not.toContain('Never came back');
  });

  it('goes on from page to page, and is filtered and searched', async () => {
    for (let index = 0; index < 25; index += 1) {
      await addClientConnection(context, scene.owner, {
        clientName: `Paged ${index}`,
        lastUsedMinutesAgo: 5000 + index,
      });
    }
    const first = (await owner.get('/connections?q=paged')).text;
    const next = /href="([^"]+cursor=[^"]+)" rel="next"/.exec(first)![1]!.replaceAll('&amp;', '&');
    const second = (await owner.get(next)).text;
    const namesOf = (text: string) =>
      [...text.matchAll(/>(Paged \d+)<\/a><\/h2>/g)].map((match) => match[1]!);
    expect(namesOf(first)).toHaveLength(20);
    expect(new Set([...namesOf(first), ...namesOf(second)]).size).toBe(25);
    expect((await owner.get('/connections?q=100%25_none')).text).toContain(
      'No client here is called “100%_none”.',
    );
    expect((await owner.get('/connections?q=paged&show=ended')).text).not.toContain('Paged 1');
    expect((await owner.get('/connections?cursor=nonsense')).status).toBe(400);
  });

  it('shows nothing of another team', async () => {
    const stranger = await context.db.team.create({
      data: { id: newId('team'), name: 'Strangers', timeZone: 'UTC' },
    });
    const other = await addMember(context, stranger.id, 'owner');
    const theirs = await addClientConnection(context, other.caller, { clientName: 'Of strangers' });
    const asked = await addClient(context, 'Asked strangers');
    await addClientEvents(context, [
      { kind: 'consent_shown', clientId: asked, personId: other.caller.personId },
    ]);
    const group = await groupOf(theirs.id);
    expect((await owner.get('/connections?show=all')).text).not.toMatch(/Of strangers|Asked strangers/);
    // With two teams nobody can tell whose a registration is that nobody answered.
    expect((await owner.get('/connections?show=all')).text).not.toContain('Never came back');
    for (const path of [
      `/connections/${theirs.id}`,
      `/connections/${theirs.id}/revoke`,
      `/connections/clients/${group}`,
      `/connections/clients/${group}/revoke`,
    ]) {
      expect((await owner.get(path)).status, path).toBe(404);
    }
    for (const action of [
      `/connections/${theirs.id}/revoke`,
      `/connections/${theirs.id}/limit`,
      `/connections/${theirs.id}/end`,
      `/connections/clients/${group}/revoke`,
    ]) {
      expect((await owner.submit('/connections', action)).status, action).toBe(404);
    }
    expect(
      (await context.db.connection.findUniqueOrThrow({ where: { id: theirs.id } })).revokedAt,
    ).toBeNull();
  });
});

describe('limiting', () => {
  it('takes a permission away from the next call on, and never gives one', async () => {
    const { path, scopesOf } = await connect();
    expect(await scopesOf()).toContain('posts:publish');
    const answer = await owner.submit(path, `${path}/limit`, {
      'keep campaigns:read': 'yes',
      'keep captions:write': 'yes',
    });
    expect(answer.location).toBe(`${path}?done=limited`);
    expect(await scopesOf()).toEqual(['campaigns:read', 'captions:read', 'captions:write']);
    await owner.submit(path, `${path}/limit`, { 'keep campaigns:read': 'yes', 'keep posts:publish': 'yes' });
    expect(await scopesOf()).toEqual(['campaigns:read']);
    const page = (await owner.get(path)).text;
    expect(page).toContain('What it may not do');
    expect(page).toContain('Permissions were taken away');
  });

  it('refuses to leave nothing', async () => {
    const { path, scopesOf } = await connect();
    const answer = await owner.submit(path, `${path}/limit`);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('Revoke the connection instead.');
    expect(await scopesOf()).toHaveLength(11);
  });

  it('sets an end, after which its calls are refused, and a later one, after which they are not', async () => {
    const { id, path, scopesOf } = await connect();
    const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(new Date());
    expect((await owner.submit(path, `${path}/end`, { last_day: today })).location).toBe(
      `${path}?done=end_set`,
    );
    expect(await scopesOf()).toHaveLength(11);
    await context.db.$executeRaw`update connection set ends_at = clock_timestamp() where id = ${id}`;
    expect(await scopesOf()).toBe('invalid');
    const ended = (await owner.get(path)).text;
    expect(ended).toContain('>Ended<');
    expect(ended).toContain('With a later end its editor can go on without signing');
    expect((await owner.submit(path, `${path}/end`, { last_day: '' })).location).toBe(
      `${path}?done=end_removed`,
    );
    expect(await scopesOf()).toHaveLength(11);
  });

  it.each(['2020-01-01', '2026-02-30', 'soon'])('refuses %s as an end', async (lastDay) => {
    const { path } = await connect();
    const answer = await owner.submit(path, `${path}/end`, { last_day: lastDay });
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(/That day is over|Choose a day on the calendar/);
  });

  it('says honestly when its editor must connect again', async () => {
    const gone = await addClientConnection(context, scene.owner, {
      clientName: 'Tokens gone',
      tokens: { hasRefresh: false, accessEndsInMinutes: -3000 },
    });
    expect((await owner.get(`/connections/${gone.id}`)).text).toMatch(
      /Its sign-in ended on.*will ask\s+you to connect again/s,
    );
    const refused = await addClientConnection(context, scene.owner, { clientName: 'Turned away' });
    await addClientEvents(context, [
      { kind: 'bearer_invalid', connectionId: refused.id, clientId: refused.clientId },
    ]);
    expect((await owner.get(`/connections/${refused.id}`)).text).toMatch(
      /may ask you to connect again:.*turned away on/s,
    );
  });
});

it('the doctor calls permissions what the consent page calls them', async () => {
  const { id, clientId } = await addClientConnection(context, scene.owner, { clientName: 'Asks in vain' });
  await addClientEvents(context, [
    { kind: 'scope_challenged', connectionId: id, clientId, reason: 'schedule:write posts:publish' },
  ]);
  const { text } = await owner.get(`/connections/${id}`);
  expect(text).toMatch(
    /what permission is missing: Schedule posts.*, Publish without asking you first[^.]*\./,
  );
  expect(text).toMatch(/Tried what it may not do: <q>Schedule posts[^<]*, Publish without asking you first/);
  expect(text).not.toMatch(/<(?:li|q)>[^<]*posts:publish/);
});

describe('revoking', () => {
  it('lists the posts and takes them over at once when that is chosen', async () => {
    const { id, path } = await connect();
    const postId = await addPost(context, scene, {
      text: 'Ours to send',
      state: 'scheduled',
      connectionId: id,
    });
    expect((await owner.get(`${path}/revoke`)).text).toMatch(
      /One scheduled post depends on it.*Ours to send/s,
    );
    const answer = await owner.submit(path, `${path}/revoke`, { posts: 'take_over' });
    expect(answer.location).toBe(`${path}?done=revoked_and_taken_over`);
    expect(await stateOf(postId)).toBe('scheduled');
    const delivery = await context.db.delivery.findFirstOrThrow({ where: { postId } });
    expect(delivery).toMatchObject({
      scheduledByPersonId: scene.owner.personId,
      scheduledByConnectionId: null,
    });
  });

  it('holds the posts unless told otherwise', async () => {
    const { id, path } = await connect();
    const postId = await addPost(context, scene, { text: 'Waits', state: 'scheduled', connectionId: id });
    expect((await owner.submit(path, `${path}/revoke`)).location).toBe(`${path}?done=revoked`);
    expect(await stateOf(postId)).toBe('held');
    expect((await owner.get(path)).text).toMatch(/One post is held.*Waits.*Hand over to me/s);
  });

  it('ends all connections of a client at once, and no other', async () => {
    const name = { clientName: 'Everywhere', redirectHost: 'everywhere.example' };
    const all = [
      await addClientConnection(context, scene.owner, name),
      await addClientConnection(context, scene.owner, name),
    ];
    const other = await addClientConnection(context, scene.owner, {
      clientName: 'Everywhere',
      redirectHost: 'else.example',
    });
    const postId = await addPost(context, scene, {
      text: 'Of one of them',
      state: 'scheduled',
      connectionId: all[1]!.id,
    });
    const group = `/connections/clients/${await groupOf(all[0]!.id)}`;
    expect((await owner.get(`${group}/revoke`)).text).toMatch(/Revoke all 2 connections.*Of one of them/s);
    expect((await owner.submit(`${group}/revoke`, `${group}/revoke`, { posts: 'take_over' })).status).toBe(
      303,
    );
    const inForce = await context.db.connection.findMany({
      where: { clientName: 'Everywhere', revokedAt: null },
    });
    expect(inForce.map(({ id }) => id)).toEqual([other.id]);
    expect(await stateOf(postId)).toBe('scheduled');
  });
});

describe('who may do what', () => {
  it('an editor sees every connection and changes their own', async () => {
    const { visitor, caller } = await signInAs('editor');
    const theirs = await addClientConnection(context, scene.owner, { clientName: 'Of the owner' });
    const own = await addClientConnection(context, caller, { clientName: 'Of the editor' });
    const page = await visitor.get(`/connections/${theirs.id}`);
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/Keep only what is ticked|\/revoke"/);
    for (const [action, fields] of Object.entries({
      limit: { 'keep campaigns:read': 'yes' },
      end: { last_day: '' },
      revoke: {},
    })) {
      const post = (id: string) => visitor.submit('/connections', `/connections/${id}/${action}`, fields);
      expect((await post(theirs.id)).status, action).toBe(403);
      expect((await post(own.id)).status, action).toBe(303);
    }
    expect((await visitor.get(`/connections/${theirs.id}/revoke`)).status).toBe(403);
    const group = `/connections/clients/${await groupOf(theirs.id)}`;
    expect((await visitor.submit('/connections', `${group}/revoke`)).status).toBe(403);
    expect((await owner.submit('/connections', `/connections/${theirs.id}/revoke`)).status).toBe(303);
  });

  it('a viewer looks, and may take back what they themselves allowed', async () => {
    const { visitor, caller } = await signInAs('viewer');
    const own = await addClientConnection(context, caller, { clientName: 'Of the viewer' });
    const page = await visitor.get(`/connections/${own.id}`);
    expect(page.text).not.toMatch(/Keep only what is ticked|Hand over to me|Change its publishing policy/);
    const post = (action: string, fields: Record<string, string> = {}) =>
      visitor.submit('/connections', `/connections/${own.id}/${action}`, fields);
    expect((await post('limit', { 'keep campaigns:read': 'yes' })).status).toBe(403);
    expect((await post('end', { last_day: '' })).status).toBe(403);
    expect((await post('hand-over')).status).toBe(403);
    expect((await post('cancel-posts')).status).toBe(403);
    expect((await post('revoke', { posts: 'take_over' })).status).toBe(403);
    expect((await context.db.connection.findUniqueOrThrow({ where: { id: own.id } })).revokedAt).toBeNull();
    expect((await post('revoke')).status).toBe(303);
  });

  it('nobody changes what was revoked', async () => {
    const over = await addClientConnection(context, scene.owner, { clientName: 'Over', isRevoked: true });
    const answer = await owner.submit('/connections', `/connections/${over.id}/end`, { last_day: '' });
    expect(answer.status).toBe(409);
  });
});

describe('a connection that was just made', () => {
  it('has the page look again until its first call, for two minutes at most', async () => {
    const made = await addClientConnection(context, scene.owner, {
      clientName: 'Fresh',
      minutesAgo: 0,
      lastUsedMinutesAgo: null,
    });
    const path = `/connections/${made.id}`;
    for (const at of [path, '/connections']) {
      const page = await owner.get(at);
      expect(page.headers.get('refresh'), at).toBe(`5; url=${at}`);
      expect(page.text, at).toMatch(/Waiting for its\s+first/);
    }
    await context.db.connection.update({
      where: { id: made.id },
      data: { firstUsedAt: new Date(), lastUsedAt: new Date() },
    });
    const called = await owner.get(path);
    expect(called.headers.has('refresh')).toBe(false);
    expect(called.text).toContain('its first call arrived');
    await context.db.connection.update({
      where: { id: made.id },
      data: { firstUsedAt: null, lastUsedAt: null },
    });
    await moveTime(context, { seconds: 121 });
    const late = await owner.get(path);
    expect(late.headers.has('refresh')).toBe(false);
    expect(late.text).not.toMatch(/Waiting for its\s+first/);
    expect((await owner.get('/connections')).headers.has('refresh')).toBe(false);
  });
});

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { newId } from '../../server/ids.ts';
import { startTestServer, OWNER as SERVER_OWNER } from '../support/test-server.ts';
import { openLive } from './support/live-reader.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addConnection, addMember, addPost, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let scene: Scene;
let owner: Visitor;
/** As another process has it. */
let elsewhere: pg.Client;

beforeAll(async () => {
  server = await startPagesServer({}, undefined, { checkMs: 100 });
  scene = await createScene(server.context);
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
  elsewhere = new pg.Client({ connectionString: server.context.config.databaseUrl });
  await elsewhere.connect();
});
afterAll(async () => {
  await elsewhere.end();
  await server[Symbol.asyncDispose]();
});

describe('a change that another process makes', () => {
  test('is told within a second, and nothing of what it was', async () => {
    const postId = await addPost(server.context, scene, { text: 'Loaves', state: 'scheduled' });
    const live = await openLive(server.url, owner);
    expect(live.status).toBe(200);
    expect(live.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(live.headers.get('cache-control')).toBe('no-store, no-transform');
    expect(live.headers.get('x-accel-buffering')).toBe('no');
    expect(live.headers.get('content-encoding')).toBeNull();
    expect(live.changes()).toBe(0);
    const took: number[] = [];
    for (const state of ['held', 'scheduled', 'missed']) {
      const startedAt = performance.now();
      await elsewhere.query(`update delivery set state = $2, problem_code = 'x' where post_id = $1`, [
        postId,
        state,
      ]);
      await expect.poll(live.changes, { interval: 10, timeout: 5_000 }).toBe(took.length + 1);
      took.push(performance.now() - startedAt);
    }
    process.stdout.write(`told after ${took.map(Math.round).join(', ')} ms\n`);
    // A machine that does other things as well may be late once.
    expect(Math.min(...took)).toBeLessThan(1_000);
    live.close();
    await live.ended;
  });

  test.each([
    [
      'a delivery that is on its way',
      `update delivery set state = 'claimed', lease_until = now() + interval '1 minute' where post_id = $1`,
    ],
    ['the first use of a connection', `update connection set first_used_at = now() where id = $2`],
    [
      'a channel to be linked again',
      `update channel set status = case status when 'ok' then 'needs_reconnect' else 'ok' end where id = $3`,
    ],
    [
      "the operator's stop",
      `insert into kill_switch (id, kind, reason) values ($4, 'everything', 'Fire drill')`,
    ],
  ])('is told: %s', async (_, sql) => {
    const postId = await addPost(server.context, scene, { text: 'Rolls', state: 'scheduled' });
    const connectionId = await addConnection(server.context, scene.owner, 'Editor');
    const live = await openLive(server.url, owner);
    const values = [postId, connectionId, scene.channelId, newId('killSwitch')];
    const used = values.filter((__, index) => sql.includes(`$${index + 1}`));
    await elsewhere.query(
      used.reduce((text, value) => text.replace(`$${values.indexOf(value) + 1}`, '$1'), sql),
      used,
    );
    await expect.poll(live.changes, { interval: 20, timeout: 5_000 }).toBe(1);
    live.close();
    await live.ended;
  });

  test('is told to a page that was rendered before it and asked after it', async () => {
    await addPost(server.context, scene, { text: 'Buns', state: 'scheduled' });
    const late = await openLive(server.url, owner, 60_000);
    await expect.poll(late.changes, { interval: 20, timeout: 5_000 }).toBe(1);
    late.close();
    await late.ended;
  });

  test('is not told to another team', async () => {
    const teamId = newId('team');
    await server.context.db.team.create({
      data: { id: teamId, name: 'Neighbours', timeZone: 'Europe/Berlin' },
    });
    const stranger = await addMember(server.context, teamId, 'owner');
    const visitor = createVisitor(server.url);
    await visitor.signIn(stranger);
    const [theirs, ours] = [await openLive(server.url, visitor), await openLive(server.url, owner)];
    const postId = await addPost(server.context, scene, { text: 'Ours alone', state: 'scheduled' });
    await elsewhere.query(`update delivery set state = 'missed', problem_code = 'x' where post_id = $1`, [
      postId,
    ]);
    await expect.poll(ours.changes, { timeout: 5_000 }).toBeGreaterThan(0);
    // Both teams are read in one statement: what was not told with ours is not told.
    expect(theirs.changes()).toBe(0);
    for (const live of [theirs, ours]) {
      live.close();
      await live.ended;
    }
  });
});

describe('the stream ends', () => {
  test('when the session is revoked', async () => {
    const member = await addMember(server.context, scene.owner.teamId, 'viewer');
    const visitor = createVisitor(server.url);
    await visitor.signIn(member);
    const live = await openLive(server.url, visitor);
    expect(live.status).toBe(200);
    await server.context.db.browserSession.deleteMany({ where: { personId: member.caller.personId } });
    await live.ended;
    expect((await openLive(server.url, visitor)).status).toBe(303);
  });

  test('when the person leaves the team', async () => {
    const member = await addMember(server.context, scene.owner.teamId, 'editor');
    const visitor = createVisitor(server.url);
    await visitor.signIn(member);
    const live = await openLive(server.url, visitor);
    expect(live.status).toBe(200);
    await server.context.db.membership.deleteMany({ where: { personId: member.caller.personId } });
    await live.ended;
    expect((await openLive(server.url, visitor)).status).toBe(403);
  });

  test('when the server stops, which does not wait for it', async () => {
    await using whole = await startTestServer({ DRAIN_SECONDS: '60' });
    const visitor = createVisitor(whole.url);
    await visitor.signIn(SERVER_OWNER);
    const live = await openLive(whole.url, visitor);
    expect(live.status).toBe(200);
    const startedAt = performance.now();
    await whole.running.stop();
    await live.ended;
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });
});

test('a session has five streams and no more; one that ends makes room', async () => {
  const member = await addMember(server.context, scene.owner.teamId, 'editor');
  const visitor = createVisitor(server.url);
  await visitor.signIn(member);
  const streams = await Promise.all(Array.from({ length: 5 }, () => openLive(server.url, visitor)));
  expect(streams.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  const refused = await openLive(server.url, visitor);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '60']);
  streams[0]!.close();
  await expect
    .poll(async () => {
      const one = await openLive(server.url, visitor);
      streams.push(one);
      return one.status;
    })
    .toBe(200);
  for (const live of streams) live.close();
});

test('who is not signed in gets no stream', async () => {
  const answer = await createVisitor(server.url).get('/live');
  expect([answer.status, answer.headers.get('content-type')]).toEqual([303, 'text/html; charset=utf-8']);
});

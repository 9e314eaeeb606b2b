import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '../../server/ids.ts';
import { createPageRouter } from '../../server/http/pages.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addConnection, addMember, addPost, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, csrfOf, valueOf, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let scene: Scene;
let owner: Visitor;
let connectionId: string;
let waitingId: string;
let blueskyId: string;

beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
  connectionId = await addConnection(server.context, scene.owner, 'An editor');
  waitingId = await addPost(server.context, scene, {
    text: 'Wait for me',
    state: 'awaiting_approval',
    connectionId,
  });
  const bluesky = {
    id: 'chn_00000000000070008000000000000001',
    teamId: scene.owner.teamId,
    network: 'bluesky',
    handle: 'a.example',
    remoteAccountId: 'did:plc:a',
  };
  blueskyId = (await server.context.db.channel.create({ data: bluesky })).id;
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
});
afterAll(() => server[Symbol.asyncDispose]());

/** Every route of the pages, as the router itself has them, with real ids put in. */
function routes(): { method: string; path: string }[] {
  return createPageRouter(server.context)
    .stack.flatMap((layer) => layer.methods.map((method) => ({ method, path: fill(String(layer.path)) })))
    .filter(({ method }) => method !== 'HEAD');
}

function fill(path: string): string {
  const id = path.startsWith('/posts')
    ? waitingId
    : path.startsWith('/connections')
      ? connectionId
      : path.startsWith('/channels')
        ? blueskyId
        : scene.campaignId;
  return path.replace(':id', id).replace(':token', 'A'.repeat(43));
}

describe('forged forms', () => {
  it('are refused on every route that changes something, and nothing changes', async () => {
    const changing = routes().filter(({ method }) => method !== 'GET');
    expect(changing.length).toBeGreaterThanOrEqual(10);
    const token = csrfOf((await owner.get('/')).text);
    const stranger = createVisitor(server.url);
    const foreignToken = csrfOf((await stranger.get('/sign-in')).text);
    const attempts: [Record<string, string>, Record<string, string>][] = [
      [{}, {}],
      [{ csrf: '' }, {}],
      [{ csrf: foreignToken }, {}],
      [{ csrf: `${token.slice(0, -1)}x` }, {}],
      [{ csrf: token }, { origin: 'https://evil.example' }],
      [{ csrf: token }, { origin: 'null' }],
      [{ csrf: token }, { 'sec-fetch-site': 'cross-site' }],
      [{ csrf: token }, { 'sec-fetch-site': 'same-site' }],
    ];
    const before = await snapshot();
    let refused = 0;
    for (const { path } of changing) {
      for (const [fields, headers] of attempts) {
        const answer = await owner.post(path, { decision: 'approve', ...fields }, headers);
        expect(answer.status, `${path} ${JSON.stringify([fields, headers])}`).toBe(403);
        refused += 1;
      }
    }
    process.stdout.write(
      `forged forms: ${refused} of ${changing.length * attempts.length} refused on ${changing.length} routes\n`,
    );
    expect(await snapshot()).toEqual(before);
    expect((await owner.get('/')).status).toBe(200);
  });

  it('are refused as JSON, as multipart and as text too', async () => {
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x']) {
      const response = await fetch(`${server.url}/sign-out`, {
        method: 'POST',
        headers: {
          'content-type': type,
          cookie: `grantcast_session=${owner.cookies.get('grantcast_session')}`,
        },
        body: JSON.stringify({ csrf: csrfOf((await owner.get('/')).text) }),
      });
      expect(response.status).toBe(403);
    }
  });

  it('cannot grow without end', async () => {
    const answer = await owner.post('/sign-out', { csrf: 'x'.repeat(100_000) });
    expect(answer.status).toBe(413);
  });
});

describe('a field that is sent many times', () => {
  it('counts whole, up to a hundred', async () => {
    const { db } = server.context;
    const { teamId } = scene.owner;
    const channelIds = Array.from({ length: 25 }, () => newId('channel'));
    await db.channel.createMany({
      data: channelIds.map((id, index) => ({
        ...{ id, teamId, network: 'playground', handle: `many-${index}`, remoteAccountId: id },
      })),
    });
    const brief = { name: 'Everywhere', goal: 'Be seen', audience: '', keyMessages: '' };
    const fields = { csrf: csrfOf((await owner.get('/campaigns/new')).text), ...brief };
    const ticked = channelIds.map((id): [string, string] => ['channel', id]);
    const made = await owner.post('/campaigns/new', [...Object.entries(fields), ...ticked]);
    expect(made.status).toBe(303);
    const { id } = await db.campaign.findFirstOrThrow({ where: { teamId, name: brief.name } });
    const kept = await db.campaignChannel.findMany({ where: { campaignId: id } });
    expect(kept.map(({ channelId }) => channelId).toSorted()).toEqual(channelIds.toSorted());
    await db.channel.updateMany({ where: { id: { in: channelIds } }, data: { disconnectedAt: new Date() } });
  });
});

describe('roles', () => {
  const looking = ['/', '/posts', '/campaigns', '/connections', '/channels', '/playground', '/activity'];

  it('a visitor is sent to sign in from every page, and can do nothing', async () => {
    const before = await snapshot();
    for (const { method, path } of routes()) {
      // What a network reads of this server is for anybody.
      if (/^\/(sign-in|sign-out|set-up|let-in|invitation|theme)(\/|$)|\/client\.json$/.test(path)) continue;
      const visitor = createVisitor(server.url);
      const answer = method === 'GET' ? await visitor.get(path) : await visitor.submit('/sign-in', path);
      expect([answer.status, answer.location?.split('?')[0]], `${method} ${path}`).toEqual([303, '/sign-in']);
    }
    expect(await snapshot()).toEqual(before);
  });

  it('a viewer sees every list and the post, without a button, and is refused every change', async () => {
    const { email, password } = await addMember(server.context, scene.owner.teamId, 'viewer');
    const viewer = createVisitor(server.url);
    await viewer.signIn({ email, password });
    for (const path of [...looking, `/posts/${waitingId}`, `/posts/${waitingId}/approve`]) {
      const page = await viewer.get(path);
      expect(page.status, path).toBe(200);
      expect(page.text, path).not.toMatch(
        />(Approve|Reject|Revoke|Take off the schedule|Hand over to me|Link a Bluesky account)</,
      );
    }
    const before = await snapshot();
    const shown = await owner.get(`/posts/${waitingId}/approve`);
    const decision = { rev: valueOf(shown.text, 'rev'), content_hash: valueOf(shown.text, 'content_hash') };
    const refusals = [
      ...['approve', 'reject'].map((answer) =>
        viewer.submit('/', `/posts/${waitingId}/approve`, { ...decision, decision: answer }),
      ),
      viewer.submit('/', `/posts/${waitingId}/cancel`),
      viewer.submit('/', `/connections/${connectionId}/revoke`),
      viewer.submit('/', `/connections/${connectionId}/hand-over`),
      viewer.submit('/', `/connections/${connectionId}/cancel-posts`),
      viewer.submit('/', '/channels/link/bluesky', {
        handle: 'a.example',
        appPassword: 'aaaa-bbbb-cccc-dddd',
      }),
      viewer.submit('/', `/channels/${blueskyId}/disconnect`),
    ];
    for (const answer of await Promise.all(refusals)) expect(answer.status).toBe(403);
    expect(await snapshot()).toEqual(before);
  });

  it("an editor revokes their own connection and not another person's", async () => {
    const { email, password, caller } = await addMember(server.context, scene.owner.teamId, 'editor');
    const own = await addConnection(server.context, caller, 'Their editor');
    const editor = createVisitor(server.url);
    await editor.signIn({ email, password });
    expect((await editor.get(`/connections/${connectionId}/revoke`)).status).toBe(403);
    expect((await editor.submit('/', `/connections/${connectionId}/revoke`)).status).toBe(403);
    expect((await editor.submit(`/connections/${own}/revoke`, `/connections/${own}/revoke`)).location).toBe(
      `/connections/${own}?done=revoked`,
    );
    expect(
      (await server.context.db.connection.findUniqueOrThrow({ where: { id: own } })).revokedAt,
    ).not.toBeNull();
  });

  it('a member of another team meets 404 for everything of this one', async () => {
    const { context } = server;
    const team = await context.db.team.create({
      data: { id: 'team_00000000000070008000000000000002', name: 'Others', timeZone: 'UTC' },
    });
    const { email, password } = await addMember(context, team.id, 'owner');
    const outsider = createVisitor(server.url);
    await outsider.signIn({ email, password });
    const before = await snapshot();
    for (const { method, path } of routes().filter((route) => /_[0-9a-f]{32}/.test(route.path))) {
      const answer =
        method === 'GET'
          ? await outsider.get(path)
          : await outsider.submit('/', path, { decision: 'approve' });
      expect(answer.status, `${method} ${path}`).toBe(404);
    }
    expect((await outsider.submit('/', '/team', { team: scene.owner.teamId })).status).toBe(403);
    expect((await outsider.submit('/', '/channels/link/bluesky', { team: scene.owner.teamId })).status).toBe(
      403,
    );
    expect((await outsider.get('/')).text).not.toContain('Harbour');
    expect(await snapshot()).toEqual(before);
  });
});

async function snapshot(): Promise<unknown> {
  const { db } = server.context;
  const order = { orderBy: { id: 'asc' as const } };
  return {
    deliveries: await db.delivery.findMany(order),
    approvals: await db.approval.findMany(order),
    connections: await db.connection.findMany({ ...order, omit: { lastUsedAt: true } }),
    channels: await db.channel.findMany(order),
    people: await db.person.count(),
  };
}

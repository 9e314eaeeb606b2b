import { createHash, verify } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { signFinishedDays } from '../../server/activity/sign-days.ts';
import { addConnection, addMember, addPost, createScene, OWNER, type Scene } from '../http/support/scene.ts';
import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { createVisitor, type Visitor } from '../http/support/visitor.ts';
import { moveTime } from '../support/move-time.ts';
import { runAsSuperuser } from '../support/superuser.ts';

let server: PagesServer;
let scene: Scene;
let owner: Visitor;
let connectionId: string;
let postId: string;
const XSS = '<script>alert(1)</script>';

beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
  connectionId = await addConnection(server.context, scene.owner, `Editor ${XSS}`);
  postId = await addPost(server.context, scene, { text: 'Hello' });
  const { teamId, personId } = scene.owner;
  const act = (action: string, target: string, result = 'ok', rule?: string, at = new Date()) =>
    server.context.db.activity.create({
      data: {
        ...{ id: `act_${createHash('md5').update(`${action}${target}${result}`).digest('hex')}`, teamId },
        ...{ at, actor: 'connection', personId, connectionId, action, target, result, address: '192.0.2.44' },
        ...(rule && { rule }),
      },
    });
  for (let count = 0; count < 12; count += 1)
    await act('get_post', `pst_${count}`, 'ok', undefined, new Date(Date.now() - (20 - count) * 60_000));
  await act('schedule_post', postId, 'needs_approval', 'default.first_use');
  await moveTime(server.context, { days: 3 });
  await signFinishedDays(server.context);
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
});
afterAll(() => server[Symbol.asyncDispose]());

const linesOf = (text: string) =>
  [...text.matchAll(/<li[^>]*>(.*?)<\/li>/gs)]
    .map(([, line]) =>
      line!
        .replaceAll(/<[^>]+>/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
    .filter((line) => /for Olivia|Olivia Owner (signed|added)|Somebody as/.test(line));

describe('the activity page', () => {
  it('says in words who did what to what, by which rule and from where, repeats folded', async () => {
    const { text } = await owner.get('/activity');
    const lines = linesOf(text);
    expect(lines[0]).toMatch(/^Olivia Owner signed in .*from 127\.0\.0\.1$/);
    expect(lines[1]).toMatch(
      /asked to schedule a post Not done: needs approval .*Rule: a client&#39;s first post on a channel needs a person&#39;s yes from 192\.0\.2\.44$|asked to schedule a post Not done: needs approval .*Rule: a client.s first post/,
    );
    expect(lines[2]).toMatch(/looked at a post × 12 .* to .*CET/);
    expect(text).toContain(`<a href="/posts/${postId}">asked to schedule a post</a>`);
    expect(text).not.toContain(XSS);
  });

  it.each([
    ['?what=people', 1],
    ['?what=tools', 2],
    ['?what=tools&result=not_ok', 1],
    ['?result=not_ok&who=nobody', 0],
    ['?from=2100-01-01', 0],
    ['?to=2001-01-01', 0],
  ])('is filtered by %s', async (query, count) => {
    const { text } = await owner.get(`/activity${query}`);
    expect(linesOf(text)).toHaveLength(count);
    expect(text.includes('Nothing like this happened.')).toBe(count === 0);
  });

  it('is filtered by client, connection and target', async () => {
    const { clientId } = await server.context.db.connection.findUniqueOrThrow({
      where: { id: connectionId },
    });
    for (const query of [`client=${clientId}`, `connection=${connectionId}`]) {
      expect(linesOf((await owner.get(`/activity?${query}`)).text)).toHaveLength(2);
    }
    expect(linesOf((await owner.get(`/activity?target=${postId}`)).text)).toHaveLength(1);
  });

  it.each([
    '?from=yesterday',
    '?to=2026-02-31',
    `?who=${encodeURIComponent(XSS)}`,
    '?cursor=',
    '?what=x&what=y',
  ])('is no fault with %s', async (query) => {
    const { status, text } = await owner.get(`/activity${query}`);
    expect([200, 400, 422]).toContain(status);
    expect(text).not.toContain(XSS);
  });

  it('refuses a cursor that names no time in words', async () => {
    const cursor = Buffer.from(
      JSON.stringify(['activity-newest', '2026-99-01 00:00:00+00', `act_${'0'.repeat(32)}`]),
    ).toString('base64url');
    const { status, text } = await owner.get(`/activity?cursor=${cursor}`);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(text).toContain('This cursor does not belong to this list');
  });

  it('tells addresses of others to owners only', async () => {
    const { context } = server;
    const viewer = await addMember(context, scene.owner.teamId, 'viewer');
    const visitor = createVisitor(server.url);
    await visitor.signIn(viewer);
    const { text } = await visitor.get('/activity');
    expect(text).toContain('The viewer');
    expect(text).toContain('asked to schedule a post');
    expect(text).not.toContain('192.0.2.44');
    expect(text).toContain('from 127.0.0.1');
  });
});

describe('the signed days', () => {
  it('are unchanged, and say since when', async () => {
    const { text } = await owner.get('/activity/days');
    expect(text.match(/>Unchanged</g)).toHaveLength(3);
    expect(text).toMatch(/Unchanged since it was signed/);
    expect(text).toMatch(/>\s*13 rows|1[345] rows/);
  });

  it('go to an owner as a file that can be checked without Grantcast', async () => {
    const days = await server.context.db.activityDigest.findMany({ orderBy: { day: 'asc' } });
    const day = days[0]!.day.toISOString().slice(0, 10);
    const file = await owner.get(`/activity/days/${day}`);
    expect(file.headers.get('content-disposition')).toBe(`attachment; filename="activity-${day}.ndjson"`);
    const [first, ...rows] = file.text.split('\n');
    const head = JSON.parse(first!) as Record<string, string>;
    expect(rows.at(-1)).toBe('');
    expect(rows.length - 1).toBe(head['rowCount']);
    const text = [head['form'], head['team'], head['day'], head['previousDigest'] ?? '', ...rows].join('\n');
    expect(createHash('sha256').update(text).digest('hex')).toBe(head['digest']);
    const signed = [head['form'], head['team'], day, head['rowCount'], head['digest'], head['signedAt']].join(
      '\n',
    );
    const signature = Buffer.from(head['signature']!, 'base64');
    expect(verify(null, Buffer.from(signed), head['publicKey']!, signature)).toBe(true);
  });

  it('are not for others to take, and a day that is none is not found', async () => {
    const editor = await addMember(server.context, scene.owner.teamId, 'editor');
    const visitor = createVisitor(server.url);
    await visitor.signIn(editor);
    const { text } = await visitor.get('/activity/days');
    expect(text).toContain('Unchanged');
    expect(text).not.toContain('Download');
    const { day } = await server.context.db.activityDigest.findFirstOrThrow();
    expect((await visitor.get(`/activity/days/${day.toISOString().slice(0, 10)}`)).status).toBe(403);
    for (const id of ['2001-01-01', 'x', '2026-99-99', '%00', '..%2f']) {
      const { status } = await owner.get(`/activity/days/${id}`);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
  });

  it('say what is wrong with a day', async () => {
    await runAsSuperuser(
      server.context,
      `update activity set result = 'forged' where action = 'schedule_post'`,
    );
    const { text } = await owner.get('/activity/days');
    expect(text).toContain('A row is not what was signed.');
    expect(text).toMatch(/>Changed</);
    await runAsSuperuser(server.context, `delete from activity where action = 'schedule_post'`);
    expect((await owner.get('/activity/days')).text).toContain('Rows are missing.');
  });
});

describe('the names in the activity', () => {
  it('are those of the client and of the address that a person dealt with; the default that allows is no rule', async () => {
    const { teamId, personId } = scene.owner;
    const act = (id: string, row: { action: string; detail: Record<string, string | number> }) =>
      server.context.db.activity.create({
        data: {
          ...{ id, teamId, at: new Date(), actor: 'person', personId, connectionId, target: connectionId },
          ...{ result: 'ok', rule: 'default.allow', address: '192.0.2.9' },
          ...row,
        },
      });
    await act('act_created', { action: 'connection.created', detail: { clientName: `Sly ${XSS}` } });
    await act('act_revoked', { action: 'connection.revoked', detail: { heldDeliveries: 0 } });
    await act('act_invited', { action: 'member.invited', detail: { email: 'new@example.com' } });
    const shown = (await owner.get('/activity')).text;
    expect(shown).toContain('allowed a client</a>: <bdi>Sly &lt;script');
    expect(shown).toContain('revoked a connection</a>: <bdi>Editor &lt;script');
    expect(shown).toContain('<bdi>new@example.com</bdi>');
    expect(shown).not.toContain('what no rule speaks about');
    expect(shown).not.toContain(XSS);
    const editor = createVisitor(server.url);
    await editor.signIn(await addMember(server.context, teamId, 'editor'));
    expect((await editor.get('/activity')).text).not.toContain('new@example.com');
  });
});

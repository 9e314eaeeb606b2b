import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { requestApproval } from '../../server/deliveries/request-approval.ts';
import { newId } from '../../server/ids.ts';
import { updatePost } from '../../server/posts/update-post.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addConnection, addMember, addPost, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, csrfOf, valueOf, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let scene: Scene;
let owner: Visitor;
let viewer: Visitor;
let erin: { email: string; password: string };
let connectionId: string;

beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
  connectionId = await addConnection(server.context, scene.owner, 'An editor');
  erin = await addMember(server.context, scene.owner.teamId, 'editor');
  [owner, viewer] = [createVisitor(server.url), createVisitor(server.url)];
  await owner.signIn(OWNER);
  await viewer.signIn(await addMember(server.context, scene.owner.teamId, 'viewer'));
});
afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  await server.context.db.delivery.updateMany({ data: { state: 'cancelled', dueAt: null } });
  await server.context.db.approvalRequest.deleteMany();
});

const wait = (text: string, hoursAhead: number) =>
  addPost(server.context, scene, { text, hoursAhead, connectionId, state: 'awaiting_approval' });

async function formOf(postId: string, visitor = owner) {
  const { text } = await visitor.get(`/posts/${postId}/approve`);
  const shown = ['rev', 'content_hash', 'places'].map((name) => [name, valueOf(text, name)] as const);
  return { csrf: csrfOf(text), ...Object.fromEntries(shown) };
}

async function decide(postId: string, decision: string): Promise<string | null> {
  const form = await formOf(postId);
  return (await owner.post(`/posts/${postId}/approve`, { ...form, decision })).location;
}

describe('the overview', () => {
  test('lists all that wait, the earliest first, what has no time last', async () => {
    const idea = await addPost(server.context, scene, { text: 'An idea' });
    await requestApproval(server.context, scene.owner, { postId: idea, expectedRev: 1 });
    const later = await wait('In two days', 48);
    const late = await wait('An hour ago', -1);
    const soon = await wait('Tomorrow', 24);
    const { text } = await owner.get('/approvals');
    const links = [...text.matchAll(/href="\/posts\/(pst_[0-9a-f]+)\/approve"/g)].map(([, id]) => id);
    expect(links).toEqual([late, soon, later, idea]);
    expect(text.match(/Its time has come/g)).toHaveLength(1);
    expect(text).toContain('no time yet, asked until');
    expect(text).toContain('An editor for Olivia Owner');
  });

  test('says whose answer is asked for, and that nothing waits when nothing does', async () => {
    expect((await owner.get('/approvals')).text).toContain('Nothing waits for approval.');
    const idea = await addPost(server.context, scene, { text: 'For Erin' });
    const request = { postId: idea, expectedRev: 1, reviewerEmail: erin.email };
    await requestApproval(server.context, scene.owner, request);
    expect((await owner.get('/approvals')).text).toContain('The editor is asked');
    const asked = createVisitor(server.url);
    await asked.signIn(erin);
    expect((await asked.get('/approvals')).text).not.toContain('is asked');
  });

  test('holds what is held or was missed lately for want of a yes, not what was refused', async () => {
    for (const [text, state, problemCode, hoursAhead] of [
      ['Held for want of a yes', 'held', 'policy_needs_person', 5],
      ['Refused before', 'held', 'approval_rejected', 6],
      ['Missed yesterday', 'missed', 'not_approved_in_time', -24],
      ['Missed long ago', 'missed', 'not_approved_in_time', -24 * 8],
    ] as const) {
      const postId = await wait(text, hoursAhead);
      const data = { state, problemCode, problemMessage: 'x' };
      await server.context.db.delivery.updateMany({ where: { postId }, data });
    }
    const { text } = await owner.get('/approvals');
    expect(text).toContain('Held for want of a yes');
    expect(text).toContain('Missed yesterday');
    expect(text).not.toMatch(/Refused before|Missed long ago/);
    const stranger = createVisitor(server.url);
    expect((await stranger.get('/approvals')).location).toBe('/sign-in?return_to=%2Fapprovals');
  });
});

describe('after a decision', () => {
  test('the next post that waits comes, with what was decided; after the last one, the post itself', async () => {
    const [first, second] = [await wait('First', 1), await wait('Second', 2)];
    const { text } = await owner.get(`/posts/${first}/approve`);
    expect(text).toContain('1 more waits for you');
    expect(text).toContain(`href="/posts/${second}/approve" rel="next"`);
    const location = await decide(first, 'approve');
    expect(location).toBe(`/posts/${second}/approve?done=approved&after=${first}`);
    const next = await owner.get(location!);
    expect(next.text).toContain('Approved. It goes out at its time.');
    expect(next.text).toContain(`href="/posts/${first}"`);
    expect(next.text).toMatch(/<title>Approved\. It goes out at its time\. May this go out\?/);
    expect(next.text).toMatch(/role="status" tabindex="-1" autofocus/);
    expect(await decide(second, 'reject')).toBe(`/posts/${second}?done=rejected`);
  });

  test('it goes on where the person stood, and around', async () => {
    const [first, second, third] = [await wait('First', 1), await wait('Second', 2), await wait('Third', 3)];
    expect((await owner.get(`/posts/${second}/approve`)).text).toMatch(
      new RegExp(`${first}/approve" rel="prev".*${third}/approve" rel="next"`, 's'),
    );
    expect(await decide(second, 'approve')).toContain(`/posts/${third}/approve?`);
    expect(await decide(third, 'approve')).toContain(`/posts/${first}/approve?`);
  });

  test('what asks somebody else by name is not put before the person', async () => {
    const mine = await wait('Mine', 1);
    const theirs = await addPost(server.context, scene, { text: 'For Erin' });
    const request = { postId: theirs, expectedRev: 1, reviewerEmail: erin.email };
    await requestApproval(server.context, scene.owner, request);
    expect(await decide(mine, 'approve')).toBe(`/posts/${mine}?done=approved`);
  });

  test('an address cannot put words or links of its own on the page', async () => {
    const postId = await wait('Waits', 1);
    const { text } = await owner.get(`/posts/${postId}/approve?done=approved&after=//evil.example/x`);
    expect(text).not.toContain('evil.example');
    expect((await owner.get(`/posts/${postId}/approve?done=nonsense`)).text).not.toContain('autofocus');
  });
});

describe('the decision', () => {
  test('names the connection that asks, since when, and what it may and may not do', async () => {
    const postId = await wait('Under a connection', 1);
    const { text } = await owner.get(`/posts/${postId}/approve`);
    expect(text).toMatch(new RegExp(`<a href="/connections/${connectionId}">An editor</a> for Olivia Owner`));
    expect(text).toMatch(/connected since <time/);
    expect(text).toMatch(/Schedule posts;.*It may not:.*Publish without asking you first/s);
  });

  test('of a revision that is no more is refused, with what changed since it was shown', async () => {
    const postId = await wait('We open at seven', 1);
    const form = await formOf(postId);
    const changes = { text: 'We open at eight' };
    await updatePost(server.context, scene.owner, { postId, expectedRev: 1, changes });
    await server.context.db.delivery.updateMany({ where: { postId }, data: { state: 'awaiting_approval' } });
    const answer = await owner.post(`/posts/${postId}/approve`, {
      ...{ ...form, decision: 'approve', note: 'Looks right' },
    });
    expect(answer.status).toBe(409);
    expect(answer.text).toContain('The post is at revision 2, not 1.');
    expect(answer.text).toContain('What changed since you looked');
    expect(answer.text).toContain('We open at <del>seven</del><ins>eight</ins>');
    expect(answer.text).toMatch(/<details open[^>]*>.*Looks right/s);
    expect(valueOf(answer.text, 'rev')).toBe('2');
    const { state } = await server.context.db.delivery.findFirstOrThrow({ where: { postId } });
    expect(state).toBe('awaiting_approval');
    for (const rev of ['99', '-1', '1e3', 'x']) {
      const wrong = await owner.post(`/posts/${postId}/approve`, { ...form, rev, decision: 'approve' });
      expect([wrong.status, wrong.text.includes('since you looked')]).toEqual([409, false]);
    }
  });

  test('to another time than now is refused, with the time that was shown', async () => {
    const postId = await wait('Moved', 24);
    const form = await formOf(postId);
    const dueAt = new Date('2036-12-01T08:00:00Z');
    await server.context.db.delivery.updateMany({ where: { postId }, data: { dueAt } });
    const answer = await owner.post(`/posts/${postId}/approve`, { ...form, decision: 'approve' });
    expect(answer.status).toBe(409);
    expect(answer.text).toContain('The post was moved to another time');
    expect(answer.text).toMatch(/Mon, 1 Dec 2036, 09:00 CET.*You were shown <del><time/s);
    const wrong = { ...form, places: `dlv_${'0'.repeat(32)} 2036-99-99T99:99:99.999Z`, decision: 'approve' };
    expect((await owner.post(`/posts/${postId}/approve`, wrong)).text).not.toContain('You were shown');
  });

  test('that somebody else took meanwhile is told, with their note', async () => {
    const postId = await wait('Decided by Erin', 1);
    const form = await formOf(postId);
    const other = createVisitor(server.url);
    await other.signIn(erin);
    const theirs = { ...(await formOf(postId, other)), decision: 'reject', note: 'Not this week' };
    await other.post(`/posts/${postId}/approve`, theirs);
    const answer = await owner.post(`/posts/${postId}/approve`, { ...form, decision: 'approve' });
    expect(answer.status).toBe(409);
    expect(answer.text).toMatch(/Nothing to decide.*Rejected by The editor.*Not this week/s);
    expect(answer.text).not.toContain('value="approve"');
  });

  test('is not a viewer’s, who sees the same', async () => {
    const postId = await wait('Look, do not touch', 1);
    const { text } = await viewer.get(`/posts/${postId}/approve`);
    expect(text).toContain('Look, do not touch');
    expect(text).toContain('you can look, but not decide');
    expect(text).not.toContain('value="approve"');
    const csrf = csrfOf((await viewer.get('/')).text);
    const form = { ...(await formOf(postId)), csrf, decision: 'approve' };
    const answer = await viewer.post(`/posts/${postId}/approve`, form, { origin: server.url });
    expect(answer.status).toBe(403);
    expect((await viewer.get('/approvals')).text).toContain('Look, do not touch');
  });

  test('is about words, whatever they look like', async () => {
    const evil = '"><script>alert(1)</script>';
    const postId = await wait(evil, 1);
    await server.context.db.connection.update({ where: { id: connectionId }, data: { clientName: evil } });
    const idea = await addPost(server.context, scene, { text: 'Asked' });
    await requestApproval(server.context, scene.owner, { postId: idea, expectedRev: 1, note: evil });
    for (const path of ['/approvals', `/posts/${postId}/approve`, `/posts/${idea}/approve`]) {
      expect((await owner.get(path)).text).not.toContain('<script>alert');
    }
  });

  test('is not found for a post of another team', async () => {
    expect((await owner.get(`/posts/${newId('post')}/approve`)).status).toBe(404);
  });
});

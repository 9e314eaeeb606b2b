import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openCredentials } from '../../server/channels/credentials.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
import { addMember, addPost, createScene, OWNER, type Scene } from '../http/support/scene.ts';
import { createVisitor, type Visitor } from '../http/support/visitor.ts';
import { pressAuthorize } from '../support/fakes/press-authorize.ts';
import { moveTime } from '../support/move-time.ts';
import { startLinkRig, type LinkRig } from './link-rig.ts';

let rig: LinkRig;
let scene: Scene;
let owner: Visitor;

beforeAll(async () => {
  rig = await startLinkRig();
  scene = await createScene(rig.server.context);
});
afterAll(() => rig[Symbol.asyncDispose]());
beforeEach(async () => {
  await rig.server.context.db.channel.deleteMany({ where: { network: { in: ['x', 'linkedin'] } } });
  owner = await signIn(OWNER);
  rig.endWith((accountId) => [{ remoteAccountId: accountId, handle: `handle-${accountId}` }]);
});

async function signIn(person: { email: string; password: string }): Promise<Visitor> {
  const visitor = createVisitor(rig.server.url);
  await visitor.signIn(person);
  return visitor;
}

/** Begins in the browser; returns where it is sent. */
async function begin(visitor: Visitor, network = 'x', fields: Record<string, string> = {}): Promise<URL> {
  const page = await visitor.submit(`/channels/link/${network}`, `/channels/link/${network}/begin`, fields);
  expect(page.status).toBe(200);
  const href = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(page.text)![1]!;
  return new URL(href.replaceAll('&amp;', '&'));
}

const pathOf = (callback: URL) => callback.pathname + callback.search;
const channels = () =>
  rig.server.context.db.channel.findMany({
    where: { network: { in: ['x', 'linkedin'] }, disconnectedAt: null },
    orderBy: { handle: 'asc' },
  });

async function expectGone(visitor: Visitor, path: string): Promise<void> {
  const page = await visitor.get(path);
  expect(page.status).toBe(400);
  expect(page.text).toContain('begun in another browser');
  expect(await channels()).toEqual([]);
}

it('an account becomes a channel with what the network granted', async () => {
  const callback = await pressAuthorize(await begin(owner), { without: ['read'] });
  const answer = await owner.get(pathOf(callback));
  expect(answer).toMatchObject({ status: 303, location: '/channels?done=linked' });
  expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  const [channel] = await channels();
  expect(channel).toMatchObject({ handle: 'handle-1', grantedScopes: ['write'], status: 'ok' });
  const key = { teamId: scene.owner.teamId, channelId: channel!.id };
  expect(openCredentials(rig.server.context, key, channel!.credentials)).toContain('at-');
  expect(await rig.server.context.db.activity.count({ where: { target: channel!.id } })).toBe(1);
  const kept = await rig.server.context.db.channelLink.findMany();
  const state = callback.searchParams.get('state')!;
  expect(kept.some(({ stateHash }) => Buffer.from(stateHash).includes(state))).toBe(false);
});

describe('an answer counts for nothing', () => {
  it('in another browser of the same person', async () => {
    const callback = await pressAuthorize(await begin(owner));
    await expectGone(await signIn(OWNER), pathOf(callback));
  });

  it('for another member of the team, in whose browser it arrives', async () => {
    const member = await addMember(rig.server.context, scene.owner.teamId, 'editor');
    const callback = await pressAuthorize(await begin(owner));
    await expectGone(await signIn(member), pathOf(callback));
  });

  it('after ten minutes', async () => {
    const callback = await pressAuthorize(await begin(owner));
    await moveTime(rig.server.context, { hours: 0.2 });
    await expectGone(owner, pathOf(callback));
  });

  it('at another network than the one that was asked', async () => {
    const callback = await pressAuthorize(await begin(owner));
    await expectGone(owner, pathOf(callback).replace('/link/x/', '/link/linkedin/'));
    const sent = rig.fake.journal.filter(({ request }) => request.path === '/token');
    const code = callback.searchParams.get('code')!;
    expect(sent.some(({ request }) => request.body.includes(code))).toBe(false);
  });

  it('without the state, with another, and with two', async () => {
    const callback = await pressAuthorize(await begin(owner));
    const { searchParams } = callback;
    searchParams.append('state', 'other');
    await expectGone(owner, pathOf(callback));
    searchParams.set('state', 'other');
    await expectGone(owner, pathOf(callback));
    searchParams.delete('state');
    await expectGone(owner, pathOf(callback));
  });

  it('the second time, also when ten come at once', async () => {
    const callback = await pressAuthorize(await begin(owner));
    const pages = await Promise.all(Array.from({ length: 10 }, () => owner.get(pathOf(callback))));
    expect(pages.map(({ status }) => status).toSorted()).toEqual([
      303,
      ...Array.from({ length: 9 }, () => 400),
    ]);
    const sent = rig.fake.journal.filter(
      ({ request }) => request.path === '/token' && request.body.includes(callback.searchParams.get('code')!),
    );
    expect(sent).toHaveLength(1);
    expect(await channels()).toHaveLength(1);
  });

  it('when the person may only look by now', async () => {
    const member = await addMember(rig.server.context, scene.owner.teamId, 'editor');
    const visitor = await signIn(member);
    const callback = await pressAuthorize(await begin(visitor));
    const where = { personId: member.caller.personId };
    await rig.server.context.db.membership.updateMany({ where, data: { role: 'viewer' } });
    const page = await visitor.get(pathOf(callback));
    expect(page.text).toContain('can only look');
    expect(await channels()).toEqual([]);
  });

  it('from a browser that is not signed in; the code goes nowhere', async () => {
    const callback = await pressAuthorize(await begin(owner));
    const page = await createVisitor(rig.server.url).get(pathOf(callback));
    expect(page).toMatchObject({ status: 303, location: '/sign-in?return_to=%2Fchannels' });
  });
});

it('a link begins only by the form of somebody who may write', async () => {
  const forged = await owner.post('/channels/link/x/begin', { csrf: 'wrong' });
  expect(forged.status).toBe(403);
  expect((await owner.get('/channels/link/x/begin')).status).toBe(404);
  const viewer = await signIn(await addMember(rig.server.context, scene.owner.teamId, 'viewer'));
  expect((await viewer.get('/channels/link/x')).status).toBe(403);
  expect((await viewer.submit('/', '/channels/link/x/begin')).status).toBe(403);
});

it('a denial is told kindly, and nothing of the address is repeated but a code', async () => {
  const denied = await owner.get(pathOf(await pressAuthorize(await begin(owner), { deny: true })));
  expect(denied.status).toBe(200);
  expect(denied.text).toContain('You did not allow it on Stand-in. Nothing was linked.');
  expect(denied.text).not.toContain('said');
  for (const error of ['some_error', '"><script>alert(1)</script>']) {
    const state = (await begin(owner)).searchParams.get('state')!;
    const query = new URLSearchParams({ state, error, error_description: '<img src=x onerror=alert(1)>' });
    const page = await owner.get(`/channels/link/x/callback?${query}`);
    expect(page.status).toBe(400);
    expect(page.text).toContain('refused the link');
    expect(page.text).not.toMatch(/onerror|alert\(1\)/);
  }
  expect(await channels()).toEqual([]);
});

it.each([
  ['unauthorized_scope_error', 400, 'its operator checks there that everything is registered'],
  ['temporarily_unavailable', 503, 'try again in a few minutes'],
])('%s says who can do something about it', async (error, status, advice) => {
  const state = (await begin(owner)).searchParams.get('state')!;
  const page = await owner.get(`/channels/link/x/callback?${new URLSearchParams({ state, error })}`);
  expect(page.status).toBe(status);
  expect(page.text).toContain(`(${error}). Nothing was linked`);
  expect(page.text).toContain(advice);
});

it.each([
  ['app', 'Its credits are used up.'],
  ['channel', 'Stand-in asks to wait before another try.'],
] as const)(
  'a network that takes no more from the %s says so, and nothing is linked',
  async (binds, words) => {
    rig.endWith(() => {
      throw new NetworkError('rate_limited', '402', 'Its credits are used up.', { binds });
    });
    const page = await owner.get(pathOf(await pressAuthorize(await begin(owner))));
    expect(page.status).toBe(503);
    expect(page.text).toContain(words);
    expect(await channels()).toEqual([]);
  },
);

it('the same account again is the same channel, and what waited for it goes on', async () => {
  await owner.get(pathOf(await pressAuthorize(await begin(owner))));
  const [before] = await channels();
  const { db } = rig.server.context;
  const channelId = before!.id;
  await db.channel.update({ where: { id: channelId }, data: { status: 'needs_reconnect' } });
  const postId = await addPost(
    rig.server.context,
    { ...scene, channelId },
    { text: 'It waits', state: 'held' },
  );
  await db.delivery.updateMany({ where: { postId }, data: { problemCode: 'channel_needs_reconnect' } });
  const url = await begin(owner, 'x', { channel: channelId });
  const answer = await owner.get(pathOf(await pressAuthorize(url)));
  expect(answer.location).toBe('/channels?done=linked');
  expect(await channels()).toMatchObject([{ id: channelId, status: 'ok' }]);
  expect(await db.delivery.findFirst({ where: { postId } })).toMatchObject({ state: 'scheduled' });
  await db.post.deleteMany({ where: { id: postId } });
});

it('another account than the one to be linked again is a channel of its own, and the page says so', async () => {
  await owner.get(pathOf(await pressAuthorize(await begin(owner), { accountId: '1' })));
  const [before] = await channels();
  const url = await begin(owner, 'x', { channel: before!.id });
  const answer = await owner.get(pathOf(await pressAuthorize(url, { accountId: '2' })));
  expect((await owner.get(answer.location!)).text).toContain('it is another account than the one');
  expect(await channels()).toMatchObject([{ id: before!.id, handle: 'handle-1' }, { handle: 'handle-2' }]);
});

describe('of several accounts', () => {
  const pages = () =>
    ['a', 'b', 'c'].map((id) => ({ remoteAccountId: id, handle: `Page <${id}>`, kind: 'Page' }));

  it('those that the person chose are linked, and the others forgotten with their credentials', async () => {
    rig.endWith(pages);
    const { location } = await owner.get(pathOf(await pressAuthorize(await begin(owner))));
    expect(location).toMatch(/^\/channels\/accounts\/lnk_\w+$/);
    const choice = await owner.get(location!);
    expect(choice.text).toContain('Page &lt;b>');
    expect((await owner.submit(location!, location!)).text).toContain('Choose at least one');
    const others = await signIn(OWNER);
    expect((await others.submit('/', location!, { account: 'b' })).status).toBe(403);
    expect(await channels()).toEqual([]);
    const answer = await owner.submit(location!, location!, { account: 'b' });
    expect(answer.location).toBe('/channels?done=linked');
    expect(await channels()).toMatchObject([{ remoteAccountId: 'b' }]);
    expect((await owner.submit('/', location!, { account: 'a' })).status).toBe(404);
    expect(await channels()).toHaveLength(1);
  });

  it('an account that was not offered is none', async () => {
    rig.endWith(pages);
    const { location } = await owner.get(pathOf(await pressAuthorize(await begin(owner))));
    expect((await owner.submit(location!, location!, { account: 'other' })).status).toBe(400);
    await moveTime(rig.server.context, { hours: 0.2 });
    expect((await owner.submit('/', location!, { account: 'a' })).status).toBe(403);
    expect(await channels()).toEqual([]);
  });
});

it('a network whose settings are missing says which, and begins nothing', async () => {
  const page = await owner.get('/channels/link/threads');
  for (const said of [
    'THREADS_APP_ID',
    'THREADS_APP_SECRET',
    `${rig.server.url}/channels/link/threads/callback`,
  ]) {
    expect(page.text).toContain(said);
  }
  expect((await owner.submit('/channels', '/channels/link/threads/begin')).status).toBe(400);
});

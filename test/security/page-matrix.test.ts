// Every page about channels, webhooks and stops, asked for by everybody who is not meant: nothing changes and nothing is told.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { setKillSwitch } from '../../server/deliveries/set-kill-switch.ts';
import { newId } from '../../server/ids.ts';
import { addWebhook } from '../../server/notices/webhooks.ts';
import { startLinkRig, type LinkRig } from '../channels/link-rig.ts';
import { addMember, createScene, OWNER, type Scene } from '../http/support/scene.ts';
import { createVisitor, type Visitor } from '../http/support/visitor.ts';
import { pressAuthorize } from '../support/fakes/press-authorize.ts';
import { createOwner } from '../support/test-context.ts';
import { listPageRoutes } from '../support/page-routes.ts';

/** Who of the team may; `beginner`: whoever began the link in this very browser; `anybody`: without signing in. */
type May = 'owner' | 'editor' | 'viewer' | 'beginner' | 'anybody' | 'nobody';

const ROUTES: Readonly<Record<string, May>> = {
  'GET /channels': 'viewer',
  'POST /channels/practice': 'editor',
  'POST /channels/link/bluesky': 'editor',
  'GET /channels/:id/disconnect': 'editor',
  'POST /channels/:id/disconnect': 'editor',
  'GET /channels/link/:network': 'editor',
  'POST /channels/link/:network/begin': 'editor',
  'GET /channels/link/:network/client.json': 'anybody',
  // Without a state of one's own it is nobody's; test/channels/link.test.ts has the rest.
  'GET /channels/link/:network/callback': 'nobody',
  'GET /channels/accounts/:id': 'beginner',
  'POST /channels/accounts/:id': 'beginner',
  'GET /channels/:id/slots': 'viewer',
  'POST /channels/:id/slots': 'editor',
  'GET /webhooks': 'viewer',
  'POST /webhooks': 'owner',
  'POST /webhooks/:id/enable': 'owner',
  'POST /webhooks/:id/test': 'owner',
  'POST /webhooks/:id/remove': 'owner',
  'GET /stops': 'viewer',
  'POST /stops': 'owner',
  'POST /stops/:id/lift': 'owner',
};
const ABOUT = /^\/(channels|webhooks|stops)(\/|$)/;
const FIELDS: Readonly<Record<string, string>> = {
  ...{ what: 'everything', reason: 'It is late.', url: 'https://hooks.example.com/secret-of-the-team' },
  ...{
    account: 'a',
    imitates: 'x',
    weekday: '3',
    time: '03:07',
    handle: 'a.example',
    appPassword: 'abcd-abcd-abcd-abcd',
    answer: '',
  },
};

let rig: LinkRig;
let scene: Scene;
let linkId: string;
let visitors: Record<'stranger' | 'viewer' | 'editor' | 'beginner' | 'owner', Visitor>;
let ids: { channel: string; webhook: string; stop: string };

beforeAll(async () => {
  rig = await startLinkRig();
  const { context } = rig.server;
  scene = await createScene(context);
  const other = await createOwner(context);
  const { teamId } = scene.owner;
  const signIn = async (person: { email: string; password: string }) => {
    const visitor = createVisitor(rig.server.url);
    await visitor.signIn(person);
    return visitor;
  };
  visitors = {
    stranger: await signIn(await addMember(context, other.team.id, 'owner')),
    viewer: await signIn(await addMember(context, teamId, 'viewer')),
    editor: await signIn(await addMember(context, teamId, 'editor')),
    beginner: await signIn(OWNER),
    owner: await signIn(OWNER),
  };
});
afterAll(() => rig[Symbol.asyncDispose]());

beforeEach(async () => {
  const { context } = rig.server;
  const { db } = context;
  await db.channel.deleteMany({ where: { network: 'x' } });
  await db.webhook.deleteMany();
  await db.killSwitch.deleteMany();
  rig.endWith(() => ['a', 'b'].map((id) => ({ remoteAccountId: id, handle: `handle-${id}` })));
  const begun = await visitors.beginner.submit('/channels/link/x', '/channels/link/x/begin');
  const href = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(begun.text)![1]!.replaceAll('&amp;', '&');
  const callback = await pressAuthorize(new URL(href));
  const { location } = await visitors.beginner.get(callback.pathname + callback.search);
  linkId = location!.split('/').at(-1)!;
  const { teamId } = scene.owner;
  const data = { id: newId('channel'), teamId, network: 'x', remoteAccountId: 'known', handle: 'known' };
  const { id: channel } = await db.channel.create({ data });
  const { id: webhook } = await addWebhook(context, scene.owner, { url: FIELDS['url']! });
  const target = { kind: 'network', target: 'mastodon' } as const;
  ids = { channel, webhook, stop: await setKillSwitch(context, scene.owner, { ...target, reason: 'x' }) };
});

const pathOf = (path: string) =>
  path
    .replace(':network', 'x')
    .replace('/accounts/:id', `/accounts/${linkId}`)
    .replace('/webhooks/:id', `/webhooks/${ids.webhook}`)
    .replace('/stops/:id', `/stops/${ids.stop}`)
    .replace(':id', ids.channel);

/** What the routes could change; counted as well as looked at, since a test of a webhook is a row of its own. */
async function snapshot(): Promise<string> {
  const { db } = rig.server.context;
  const rows = await Promise.all([
    db.channel.findMany({ orderBy: { id: 'asc' } }),
    db.webhook.findMany(),
    db.killSwitch.findMany(),
    db.channelLink.findMany({ orderBy: { id: 'asc' } }),
    db.queueSlot.count(),
    db.notice.count(),
  ]);
  return JSON.stringify(rows, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  );
}

async function ask(visitor: Visitor, route: string, csrf: 'own' | 'none' | 'foreign site' = 'own') {
  const [method, path] = route.split(' ') as [string, string];
  if (method === 'GET') return visitor.get(pathOf(path));
  const fields = { ...FIELDS, team: scene.owner.teamId };
  if (csrf === 'own') return visitor.submit('/', pathOf(path), fields);
  const token = /name="csrf" value="([^"]+)"/.exec((await visitor.get('/')).text)?.[1] ?? '';
  if (csrf === 'none') return visitor.post(pathOf(path), fields);
  return visitor.post(pathOf(path), { ...fields, csrf: token }, { origin: 'https://evil.example' });
}

const RANK = ['anybody', 'viewer', 'editor', 'owner'];
const mayOf = (route: string, who: string) => {
  const may = ROUTES[route]!;
  if (may === 'beginner') return who === 'beginner';
  return may !== 'nobody' && RANK.indexOf(who === 'beginner' ? 'owner' : who) >= RANK.indexOf(may);
};

test('every route of these pages stands in the matrix', () => {
  const routes = listPageRoutes(rig.server.context)
    .filter(({ path }) => ABOUT.test(path))
    .map(({ method, path }) => `${method} ${path}`);
  expect(routes.toSorted()).toEqual(Object.keys(ROUTES).toSorted());
});

test.each(Object.keys(ROUTES))('%s: only for whom it is meant, by their own form', async (route) => {
  const before = await snapshot();
  const isOpen = ROUTES[route] === 'anybody';
  const refused: string[] = [];
  const refuse = async (who: string, answer: Promise<{ status: number; text: string }>) => {
    const { status, text } = await answer;
    const isTold = /handle-[ab]|secret-of-the-team/.test(text);
    const isRefused = status === 303 || status === 400 || status === 403 || status === 404;
    if (!isRefused || isTold) refused.push(`${who}: ${status}${isTold ? ', and tells' : ''}`);
    if ((await snapshot()) !== before) refused.push(`${who} changed something`);
  };
  const anonymous = createVisitor(rig.server.url);
  if (!isOpen) await refuse('somebody who is not signed in', ask(anonymous, route));
  const isOfTeam = /:id/.test(route) || route.startsWith('POST');
  if (isOfTeam) await refuse('the owner of another team', ask(visitors.stranger, route));
  for (const who of ['viewer', 'editor', 'owner'] as const) {
    if (!mayOf(route, who)) await refuse(who, ask(visitors[who], route));
  }
  if (route.startsWith('POST')) {
    await refuse('a form without a token', ask(visitors.beginner, route, 'none'));
    await refuse('a form of another site', ask(visitors.beginner, route, 'foreign site'));
  }
  expect(refused).toEqual([]);
});

const isDone = ([route, may]: [string, May]) =>
  may !== 'anybody' && may !== 'nobody' && route !== 'POST /channels/link/bluesky';

test.each(Object.entries(ROUTES).filter(isDone))('%s: works for whom it is meant (%s)', async (route) => {
  const { status } = await ask(visitors.beginner, route);
  expect([200, 303]).toContain(status);
});

test('the address of a webhook is told to owners alone: many receivers ask for nothing else', async () => {
  expect((await visitors.owner.get('/webhooks')).text).toContain('secret-of-the-team');
  for (const who of ['viewer', 'editor'] as const) {
    const { text } = await visitors[who].get('/webhooks');
    expect(text).toContain('https://hooks.example.com');
    expect(text).not.toContain('secret-of-the-team');
  }
});

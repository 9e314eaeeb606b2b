import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { addClientConnection } from './support/clients-scene.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, addPost, createScene, OWNER, PASSWORD, type Scene } from './support/scene.ts';
import { createVisitor, csrfOf, valueOf, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let context: Context;
let scene: Scene;
let owner: Visitor;
let otherTeamId: string;

beforeAll(async () => {
  server = await startPagesServer();
  ({ context } = server);
  scene = await createScene(context);
  const { personId, teamId } = scene.owner;
  await addMember(context, teamId, 'editor');
  await addPost(context, scene, { text: 'Bread from seven' });
  await addClientConnection(context, scene.owner, { clientName: 'Desk editor' });
  otherTeamId = newId('team');
  await context.db.team.create({ data: { id: otherTeamId, name: 'Night Bakery', timeZone: 'UTC' } });
  await context.db.membership.create({ data: { teamId: otherTeamId, personId, role: 'owner' } });
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
});
afterAll(() => server[Symbol.asyncDispose]());

const RULE = { who: '', channel: '', tool: '', condition: 'always', effect: 'ask' };

async function goTo(teamId: string): Promise<void> {
  await owner.post('/team', { csrf: csrfOf((await owner.get('/')).text), team: teamId });
}

const formsOf = (markup: string) => markup.match(/<form [^>]*method="post"[\s\S]*?<\/form>/g) ?? [];

test('a rule is added to the team whose form it was, whichever team another tab looks at by then', async () => {
  await goTo(scene.owner.teamId);
  const page = await owner.get('/policy');
  const form = formsOf(page.text).find((one) => one.includes('id="add-rule"'))!;
  await goTo(otherTeamId);
  const team = valueOf(form, 'team');
  const added = await owner.post('/policy', { csrf: csrfOf(form), ...(team && { team }), ...RULE });
  expect(added).toMatchObject({ status: 303, location: '/policy?done=rule_added' });
  expect(await context.db.policyRule.findMany()).toMatchObject([{ teamId: scene.owner.teamId }]);
  const { text } = await owner.get('/policy?done=rule_added');
  expect(text).toContain('>Harbour Bakery</button>');
});

test('a page that is only read anew is no look: what the person goes to next is of the team they chose', async () => {
  const postId = await addPost(context, scene, { text: 'Rye' });
  await goTo(otherTeamId);
  await owner.get(`/posts/${postId}`, { 'sec-fetch-dest': 'empty' });
  expect((await owner.get('/')).text).toContain('>Night Bakery</button>');
  await owner.get(`/posts/${postId}`, { 'sec-fetch-dest': 'document' });
  expect((await owner.get('/')).text).toContain('>Harbour Bakery</button>');
});

test.each([
  '/policy',
  '/stops',
  '/webhooks',
  '/team',
  '/team/settings',
  '/people/invitations',
  '/first-steps',
])(
  '%s takes no form that does not say which of several teams it is for, and says what to do',
  async (path) => {
    const csrf = csrfOf((await owner.get('/')).text);
    const before = await context.db.activity.count();
    const answer = await owner.post(path, { csrf, ...RULE, what: 'everything', reason: 'Late' });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('Go back, reload the page and send it again.');
    expect(await context.db.activity.count()).toBe(before);
  },
);

/** What is about the person or the browser, and of no team. */
const OF_NO_TEAM = /^\/(theme|sign-out|account\/.*)$/;
/** What is in one team alone says by its id which it is. */
const OF_ONE_TEAM = /\/(?!per_|inv_)[a-z]+_[0-9a-f]{32}(\/|$)/;

test('every form says which team it is for, but where what it is about does', async () => {
  await goTo(scene.owner.teamId);
  const [seen, forms] = [new Set(['/']), new Map<string, string>()];
  for (const path of seen) {
    const { text } = await owner.get(path);
    for (const [, href] of text.matchAll(/href="(\/(?!assets\/)[^"?#.]*)/g)) seen.add(href!);
    for (const form of formsOf(text)) forms.set(/action="([^"#]+)/.exec(form)![1]!, form);
  }
  const [named, silent] = [...forms].reduce<[string[], string[]]>(
    ([yes, no], [action, form]) =>
      form.includes('name="team"') ? [[...yes, action], no] : [yes, [...no, action]],
    [[], []],
  );
  expect(silent.filter((action) => !OF_NO_TEAM.test(action) && !OF_ONE_TEAM.test(action))).toEqual([]);
  expect(named).toEqual(expect.arrayContaining(['/policy', '/stops', '/webhooks', '/posts/new', '/media']));
}, 60_000);

test('what is of no team needs none', async () => {
  const csrf = csrfOf((await owner.get('/')).text);
  expect((await owner.post('/theme', { csrf, theme: 'dark' })).status).toBe(303);
  const password = { current: PASSWORD, password: 'another quiet harbour at dusk' };
  expect((await owner.post('/account/password', { csrf, ...password })).location).toBe(
    '/account?done=password_changed',
  );
  expect((await owner.post('/sign-out', { csrf })).location).toBe('/sign-in');
});

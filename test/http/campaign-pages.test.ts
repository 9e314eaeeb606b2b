import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import { getCampaign } from '../../server/campaigns/get-campaign.ts';
import { PROBLEMS } from '../../server/deliveries/problems.ts';
import { requestApproval } from '../../server/deliveries/request-approval.ts';
import { newId } from '../../server/ids.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { addPicture } from '../domain/draft-scene.ts';
import type { TestOwner } from '../support/test-context.ts';
import { FormFields } from './support/form-fields.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, addPost, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, csrfOf, valueOf, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let scene: Scene;
let person: Visitor;
let looker: Visitor;

beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
  person = createVisitor(server.url);
  await person.signIn(OWNER);
  looker = createVisitor(server.url);
  await looker.signIn(await addMember(server.context, scene.owner.teamId, 'viewer'));
});
afterAll(() => server[Symbol.asyncDispose]());

const board = async (query = '') => (await person.get(`/campaigns/${scene.campaignId}${query}`)).text;
const columnOf = (markup: string, id: string) =>
  new RegExp(`id="column-${id}"([\\s\\S]*?)</section>`).exec(markup)?.[1] ?? '';

const BRIEF = {
  name: 'Christmas <stollen>',
  goal: 'Sell two hundred',
  audience: 'Regulars',
  keyMessages: 'Baked here\r\n\r\n  Ends on the 24th  ',
  startsOn: '2036-12-01',
  endsOn: '2036-12-24',
};

describe('the board', () => {
  test('has every post in the column of its state, with picture, channels and time', async () => {
    const { teamId, personId } = scene.owner;
    const owner = { team: { id: teamId }, person: { id: personId }, caller: scene.owner } as TestOwner;
    const mediaIds = [await addPicture(server.context, owner, { altText: 'Loaves' })];
    const draft = { campaignId: scene.campaignId, channelIds: [scene.channelId], mediaIds };
    await createPost(server.context, scene.owner, { ...draft, text: 'An idea' });
    const asked = await addPost(server.context, scene, { text: 'A draft that somebody asks about' });
    await requestApproval(server.context, scene.owner, { postId: asked, expectedRev: 1 });
    for (const state of ['awaiting_approval', 'scheduled', 'published', 'held', 'failed']) {
      await addPost(server.context, scene, { text: `It is ${state}`, state });
    }
    const text = await board();
    expect(columnOf(text, 'drafts')).toContain('An idea');
    expect(columnOf(text, 'drafts')).toContain(`src="/media/${mediaIds[0]}/thumbnail?v=`);
    expect(columnOf(text, 'drafts')).toContain('Approval asked');
    expect(columnOf(text, 'waiting')).toMatch(/href="\/posts\/[^"]+\/approve">It is awaiting_approval/);
    expect(columnOf(text, 'scheduled')).toMatch(/It is scheduled[\s\S]*<time datetime=/);
    expect(columnOf(text, 'published')).toContain('It is published');
    expect(columnOf(text, 'attention')).toMatch(/It is failed[\s\S]*It is held/);
    expect(columnOf(text, 'attention')).toContain('The connection that scheduled this post was revoked.');
    expect(text).toContain('href="#column-attention">Needs attention 2<');
  });

  test('tells what networks told, and of nothing else a 0', async () => {
    const text = await board();
    expect(text).toMatch(/Posts out<\/dt><dd>1</);
    expect(text).toContain('No numbers yet. They come a few minutes after publishing.');
    expect(text).not.toContain('Likes');
    const delivery = await server.context.db.delivery.findFirstOrThrow({ where: { state: 'published' } });
    await server.context.db.metricSnapshot.create({
      data: {
        ...{ teamId: scene.owner.teamId, deliveryId: delivery.id, capturedAt: new Date() },
        ...{ views: null, likes: 1234, comments: 0, shares: null, clicks: null },
      },
    });
    const measured = await board();
    expect(measured).toMatch(/Likes<\/dt><dd>1,234</);
    expect(measured).toMatch(/Comments<\/dt><dd>0</);
    expect(measured).toMatch(/Views<\/dt><dd><span class="hint">not told</);
  });

  test('pages through a column that is longer than it shows', async () => {
    const add = (index: number) =>
      addPost(server.context, scene, {
        text: `Later ${index}.`,
        state: 'scheduled',
        hoursAhead: 100 + index,
      });
    for (let index = 0; index < 22; index += 1) await add(index);
    const text = await board();
    expect(text).toContain('Scheduled <span class="hint">23</span>');
    expect(columnOf(text, 'scheduled')).not.toContain('Later 21.');
    const next = /href="([^"]*column=scheduled[^"]*)"/.exec(text)![1]!.replaceAll('&amp;', '&');
    const rest = (await person.get(next)).text;
    expect(columnOf(rest, 'scheduled')).toContain('Later 21.');
    expect(columnOf(rest, 'drafts')).toBe('');
  });

  test('has all that stopped in its column, however much, and counts none of it twice', async () => {
    for (let index = 0; index < 16; index += 1) {
      await addPost(server.context, scene, { text: `Stopped ${index}.`, state: 'failed' });
    }
    const { problems } = await getCampaign(server.context, scene.owner, scene.campaignId);
    expect(problems.map(({ code }) => code)).toContain('more_problems');
    const text = await board();
    for (const index of [0, 15]) expect(columnOf(text, 'attention')).toContain(`Stopped ${index}.`);
    expect(text).not.toMatch(/more deliver(?:y|ies) need/);
  });

  test('shows viewers everything and nothing to do', async () => {
    const { text } = await looker.get(`/campaigns/${scene.campaignId}`);
    expect(text).toContain('It is published');
    for (const action of ['New post', 'Edit the brief', '>Pause<']) expect(text).not.toContain(action);
  });
});

describe('the card of a stopped post', () => {
  let campaignId: string;

  beforeEach(async () => {
    const brief = { name: 'Stopped', goal: 'Go on', channelIds: [scene.channelId] };
    ({ campaignId } = await createCampaign(server.context, scene.owner, brief));
  });

  const cards = async (path = `/campaigns/${campaignId}`) => {
    const attention = columnOf((await person.get(path)).text, 'attention');
    const next = /href="([^"]*column=attention[^"]*)"/.exec(attention)?.[1]?.replaceAll('&amp;', '&');
    return { shown: attention.match(/<li class="post-card"[\s\S]*?<\/li>/g) ?? [], next };
  };

  test('says why on every page of the column, however many posts are due before it', async () => {
    for (let index = 0; index < 40; index += 1) {
      const input = { text: `Post ${index}.`, state: 'held', hoursAhead: 1 + index };
      const postId = await addPost(server.context, { ...scene, campaignId }, input);
      const data = { problemCode: 'channel_needs_reconnect', problemMessage: `Reason ${index}.` };
      await server.context.db.delivery.updateMany({ where: { postId }, data });
    }
    const first = await cards();
    const second = await cards(first.next);
    expect([first.shown.length, second.shown.length]).toEqual([20, 20]);
    for (const [at, card] of [...first.shown, ...second.shown].entries()) {
      expect(card).toContain(`Post ${39 - at}.`);
      expect(card).toContain(`Reason ${39 - at}.`);
    }
  });

  test('says that it was given up, which is no problem of the campaign any more', async () => {
    const input = { text: 'Unclear', state: 'needs_attention' };
    const postId = await addPost(server.context, { ...scene, campaignId }, input);
    await person.submit(`/posts/${postId}`, `/posts/${postId}/settle/${scene.channelId}`, {
      action: 'give_up',
    });
    expect((await cards()).shown).toEqual([expect.stringContaining(PROBLEMS.given_up)]);
    const { problems } = await getCampaign(server.context, scene.owner, campaignId);
    expect(problems.filter((problem) => problem.postId !== null)).toEqual([]);
  });

  test('says of several channels what is most urgent, and what was given up last', async () => {
    const { db } = server.context;
    const channelId = newId('channel');
    const account = { network: 'playground', handle: 'second', remoteAccountId: channelId };
    await db.channel.create({ data: { id: channelId, teamId: scene.owner.teamId, ...account } });
    const input = { campaignId, channelIds: [scene.channelId, channelId], text: 'On two channels' };
    const { postId } = await createPost(server.context, scene.owner, input);
    const failed = { state: 'failed', scheduledByPersonId: scene.owner.personId, dueAt: new Date() };
    const givenUp = { problemCode: 'given_up', problemMessage: PROBLEMS.given_up };
    await db.delivery.updateMany({ where: { postId }, data: { ...failed, ...givenUp } });
    const second = { postId, channelId };
    const later = { problemCode: 'refused', problemMessage: 'Refused there.', dueAt: new Date('2036-12-01') };
    await db.delivery.updateMany({ where: second, data: later });
    expect((await cards()).shown).toEqual([expect.stringContaining('Refused there.')]);
    await db.delivery.updateMany({ where: second, data: { state: 'missed' } });
    expect((await cards()).shown).toEqual([expect.stringContaining(PROBLEMS.given_up)]);
  });

  test('says that the network is asked while nothing else is known', async () => {
    const input = { text: 'Asked about', state: 'unknown' };
    await addPost(server.context, { ...scene, campaignId }, input);
    const words = 'The network gave no clear answer and is being asked about this post.';
    expect((await cards()).shown).toEqual([expect.stringContaining(words)]);
  });
});

describe('a brief', () => {
  test('is written in the browser and changed there', async () => {
    const form = await person.get('/campaigns/new');
    const fields = { csrf: csrfOf(form.text), ...BRIEF, channel: scene.channelId };
    const { location } = await person.post('/campaigns/new', fields);
    expect(location).toMatch(/^\/campaigns\/cmp_[0-9a-f]+\?done=campaign_created$/);
    const campaignId = location!.slice('/campaigns/'.length, location!.indexOf('?'));
    expect((await person.get(location!)).text).toContain('<h1>Christmas &lt;stollen></h1>');
    const created = await getCampaign(server.context, scene.owner, campaignId);
    expect(created).toMatchObject({ goal: BRIEF.goal, keyMessages: ['Baked here', 'Ends on the 24th'] });
    expect(created.channels).toHaveLength(1);
    const path = `/campaigns/${campaignId}/edit`;
    const edit = (await person.get(path)).text;
    expect(valueOf(edit, 'startsOn') || edit).toContain('2036-12-01');
    const changed = { ...BRIEF, csrf: csrfOf(edit), rev: '1', audience: '', startsOn: '' };
    expect((await person.post(path, changed)).location).toBe(
      `/campaigns/${campaignId}?done=campaign_changed`,
    );
    const after = await getCampaign(server.context, scene.owner, campaignId);
    expect(after).toMatchObject({ rev: 2, audience: null, startsOn: null, channels: [] });
    const stale = await person.post(path, { ...changed, goal: 'Sell three hundred' });
    expect(stale.status).toBe(409);
    expect(stale.text).toContain('Somebody changed the brief while you wrote.');
    expect(stale.text).toContain('Sell three hundred');
  });

  test('that cannot be saved is shown again with why, beside the field', async () => {
    const csrf = csrfOf((await person.get('/campaigns/new')).text);
    const empty = await person.post('/campaigns/new', { ...BRIEF, csrf, name: ' ', startsOn: 'soon' });
    expect(empty.status).toBe(409);
    expect(empty.text).toContain('id="field-name-error">Give it a name.');
    expect(empty.text).toContain('id="field-startsOn-error">Give a date.');
    expect(empty.text).toContain('Ends on the 24th');
    const reversed = await person.post('/campaigns/new', { ...BRIEF, csrf, endsOn: '2036-11-01' });
    expect(reversed.text).toContain('id="field-endsOn-error">It ends before it starts.');
  });

  test('is not for viewers', async () => {
    expect((await looker.get('/campaigns/new')).status).toBe(403);
    expect((await looker.get(`/campaigns/${scene.campaignId}/edit`)).status).toBe(403);
    const csrf = csrfOf((await looker.get('/campaigns')).text);
    expect((await looker.post('/campaigns/new', { ...BRIEF, csrf })).status).toBe(403);
    expect((await looker.post(`/campaigns/${scene.campaignId}/edit`, { ...BRIEF, csrf })).status).toBe(403);
  });
});

test('an archived campaign takes no post, and none is made of another one instead', async () => {
  const { teamId, personId } = scene.owner;
  const id = newId('campaign');
  await server.context.db.campaign.create({
    data: {
      ...{ id, teamId, createdByPersonId: personId, status: 'archived' },
      ...{ name: 'Over', goal: 'Be remembered' },
    },
  });
  const form = await person.get(`/posts/new?campaign=${id}`);
  expect(form.text).toContain('id="field-campaign-error">This campaign is archived and takes no posts.');
  expect(new FormFields(form.text, 'editor').all('campaign')).toEqual([id]);
  const fields = {
    csrf: csrfOf(form.text),
    campaign: id,
    text: 'Late',
    channel: scene.channelId,
    do: 'save',
  };
  const refused = await person.post('/posts/new', fields);
  expect(refused.status).toBe(409);
  expect(refused.text).toContain(
    'id="field-campaign-error">This campaign is archived and takes no new posts.',
  );
  expect(await server.context.db.post.count({ where: { campaignId: id } })).toBe(0);
});

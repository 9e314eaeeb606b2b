import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { addQueueSlot } from '../../server/scheduling/queue-slots.ts';
import { findSlots } from '../../server/scheduling/find-slots.ts';
import { changeTeam } from '../../server/teams/change-team.ts';
import { createOwner } from '../support/test-context.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, addPost, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, type Visitor } from './support/visitor.ts';

const EVIL = '"><script>alert(1)</script>';

let server: PagesServer;
let scene: Scene;
let owner: Visitor;
let editor: Visitor;
let viewer: Visitor;

beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
  const { teamId } = scene.owner;
  [owner, editor, viewer] = [createVisitor(server.url), createVisitor(server.url), createVisitor(server.url)];
  await owner.signIn(OWNER);
  await editor.signIn(await addMember(server.context, teamId, 'editor'));
  await viewer.signIn(await addMember(server.context, teamId, 'viewer'));
});
afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  const data = { name: 'Harbour Bakery', timeZone: 'Europe/Berlin', language: null };
  await server.context.db.team.update({ where: { id: scene.owner.teamId }, data });
});

const findTeam = () => server.context.db.team.findUniqueOrThrow({ where: { id: scene.owner.teamId } });
const KEPT = { teamName: 'Harbour Bakery', timeZone: 'Europe/Berlin', language: '' };
const save = (fields: Record<string, string>, visitor = owner) =>
  visitor.submit('/team', '/team/settings', { ...KEPT, ...fields });

describe('the page of the team', () => {
  test('leads every member to all that is set for it', async () => {
    for (const visitor of [owner, editor, viewer]) {
      const { text, status } = await visitor.get('/team');
      expect(status).toBe(200);
      for (const path of ['/people', '/policy', '/webhooks', '/stops', '/trash', '/approvals']) {
        expect(text, path).toContain(`href="${path}"`);
        expect((await visitor.get(path)).status, path).toBe(200);
      }
      expect(text).toContain(`href="/channels/${scene.channelId}/slots"`);
      expect(text).toContain('3 members');
    }
    expect((await owner.get('/people')).text).toContain('href="/team"');
  });

  test('has the form for owners alone', async () => {
    expect((await owner.get('/team')).text).toContain('action="/team/settings"');
    for (const visitor of [editor, viewer]) {
      const { text } = await visitor.get('/team');
      expect(text).not.toContain('action="/team/settings"');
      expect(text).toContain('Europe/Berlin, now');
      const refused = await visitor.submit('/', '/team/settings', { ...KEPT, teamName: 'Mine' });
      expect(refused.status).toBe(403);
    }
    expect((await findTeam()).name).toBe('Harbour Bakery');
  });
});

describe('another name', () => {
  test('is saved and recorded, once', async () => {
    expect((await save({ teamName: '  Harbour \n Bread ' })).location).toBe('/team?done=team_changed');
    await save({ teamName: 'Harbour Bread' });
    expect((await findTeam()).name).toBe('Harbour Bread');
    const rows = await server.context.db.activity.findMany({ where: { action: 'team.changed' } });
    expect(rows.map(({ target, detail }) => [target, detail])).toEqual([
      [scene.owner.teamId, { name: { from: 'Harbour Bakery', to: 'Harbour Bread' } }],
    ]);
    expect((await owner.get('/activity')).text).toContain(
      'changed the name, the time zone or the language of the team',
    );
  });

  test('may be anything that can be read, and stays words', async () => {
    await save({ teamName: EVIL });
    for (const path of ['/team', '/people', '/']) {
      expect((await owner.get(path)).text).not.toContain('<script>alert');
    }
    const refused = await save({ teamName: '   ' });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('field-teamName-error');
    expect((await save({ teamName: 'x'.repeat(81) })).status).toBe(400);
  });
});

describe('another language', () => {
  test('is saved, recorded and shown to every member; none is a choice too', async () => {
    expect((await save({ language: 'de' })).location).toBe('/team?done=team_changed');
    expect((await findTeam()).language).toBe('de');
    expect((await owner.get('/team')).text).toMatch(/<option(?=[^>]* selected)[^>]* value="de"/);
    expect((await viewer.get('/team')).text).toContain('<dd>German</dd>');
    const where = { action: 'team.changed', target: scene.owner.teamId };
    const last = await server.context.db.activity.findFirstOrThrow({ where, orderBy: { id: 'desc' } });
    expect(last.detail).toEqual({ language: { from: null, to: 'de' } });
    await save({ language: '' });
    expect((await findTeam()).language).toBeNull();
  });

  test('is one that is known, by one code', async () => {
    for (const language of ['xx', 'german', 'iw', 'DE', 'de-AT']) {
      const refused = await save({ language });
      expect([language, refused.status]).toEqual([language, 400]);
      expect(refused.text).toContain('field-language-error');
    }
    expect((await findTeam()).language).toBeNull();
  });

  test('is kept while another time zone is asked about', async () => {
    const shown = await save({ timeZone: 'Asia/Tokyo', language: 'ja' });
    expect(shown.text).toMatch(/name="language" value="ja"/);
    expect((await findTeam()).language).toBeNull();
  });
});

describe('another time zone', () => {
  test('is saved only after what it does to the calendar was shown', async () => {
    const postId = await addPost(server.context, scene, { text: `Goes out ${EVIL}`, state: 'scheduled' });
    const before = await server.context.db.delivery.findFirstOrThrow({ where: { postId } });
    const shown = await save({ timeZone: 'Asia/Tokyo' });
    expect(shown.status).toBe(200);
    expect(shown.text).toContain('Change the time zone to Asia/Tokyo?');
    expect(shown.text).toContain(`href="/posts/${postId}"`);
    expect(shown.text).toMatch(/CE(S)?T<\/time>.*becomes <time[^>]*>[^<]*GMT\+9<\/time>/s);
    expect(shown.text).not.toContain('<script>alert');
    expect((await findTeam()).timeZone).toBe('Europe/Berlin');
    const { policyVersion } = await findTeam();
    const saved = await save({ timeZone: 'Asia/Tokyo', instead: 'Europe/Berlin' });
    expect(saved.location).toBe('/team?done=team_changed');
    expect(await findTeam()).toMatchObject({ timeZone: 'Asia/Tokyo', policyVersion: policyVersion + 1 });
    const after = await server.context.db.delivery.findFirstOrThrow({ where: { postId } });
    expect([after.dueAt, after.state, after.timeZone]).toEqual([
      ...[before.dueAt, before.state, before.timeZone],
    ]);
    expect((await owner.get('/posts?show=scheduled')).text).toContain('GMT+9');
  });

  test('is asked about again when it was changed meanwhile', async () => {
    const shown = await save({ timeZone: 'Asia/Tokyo', instead: 'America/Lima' });
    expect(shown.text).toContain('Change the time zone to Asia/Tokyo?');
    expect((await findTeam()).timeZone).toBe('Europe/Berlin');
  });

  test('is that of the queue slots from then on', async () => {
    const { owner: caller, channelId } = scene;
    await server.context.db.queueSlot.deleteMany();
    await addQueueSlot(server.context, caller, { channelId, weekdays: [3], localTime: '09:00' });
    const slotsAt = async () => {
      const { slots } = await findSlots(server.context, caller, {
        ...{ channelIds: [channelId], basis: 'queue', count: 1 },
      });
      return slots[0]!.at.getUTCHours();
    };
    const inBerlin = await slotsAt();
    await save({ timeZone: 'Asia/Tokyo', instead: 'Europe/Berlin' });
    expect([7, 8]).toContain(inBerlin);
    expect(await slotsAt()).toBe(0);
  });

  test.each(['Mars/Olympus', '', '+02:00', `Europe/${EVIL}`])('%j is none', async (timeZone) => {
    const refused = await save({ timeZone, instead: 'Europe/Berlin' });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('field-timeZone-error');
    expect(refused.text).not.toContain('<script>alert');
    expect((await findTeam()).timeZone).toBe('Europe/Berlin');
  });
});

test('who is an owner no more by the time it is saved changes nothing', async () => {
  const { team, person, caller } = await createOwner(server.context);
  await server.context.db.membership.update({
    where: { teamId_personId: { teamId: team.id, personId: person.id } },
    data: { role: 'editor' },
  });
  const changes = { name: 'Taken', timeZone: 'UTC', language: '' };
  await expect(changeTeam(server.context, caller, changes)).rejects.toMatchObject({
    details: { code: 'not_owner' },
  });
});

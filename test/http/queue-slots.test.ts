import { afterAll, beforeAll, expect, test } from 'vitest';

import { getQueueSlots } from '../../server/scheduling/queue-slots.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let scene: Scene;
let owner: Visitor;
let path: string;

const WORKDAY = ['09:00', '12:30', '17:00'];

beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
  path = `/channels/${scene.channelId}/slots`;
});
afterAll(() => server[Symbol.asyncDispose]());

const readDays = async () => (await getQueueSlots(server.context, scene.owner, scene.channelId)).days;
const send = (fields: Record<string, string>) => owner.submit(path, path, fields);

test('a channel that was linked has three slots on each workday, and the page shows them with the zone', async () => {
  expect(await readDays()).toEqual([WORKDAY, WORKDAY, WORKDAY, WORKDAY, WORKDAY, [], []]);
  const { text } = await owner.get(path);
  expect(text).toContain('clocks in Europe/Berlin');
  expect(text).toContain('Remove<span class="hidden"> Monday 09:00</span>');
  expect((await owner.get('/channels')).text).toContain(`href="${path}"`);
});

test('slots are added to one day or to all workdays; again changes nothing', async () => {
  const added = await send({ weekday: '6', time: '10:15' });
  expect(added.location).toBe(`${path}?done=slots_changed`);
  await send({ weekday: '6', time: '10:15' });
  await send({ weekday: 'workdays', time: '08:00' });
  const days = await readDays();
  expect(days[5]).toEqual(['10:15']);
  expect(days.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => ['08:00', ...WORKDAY]));
});

test('one is removed, and a day is copied to Monday to Friday', async () => {
  await send({ remove: '1 08:00' });
  await send({ remove: '1 08:00' });
  expect((await readDays())[0]).toEqual(WORKDAY);
  await send({ copy: '6' });
  expect(await readDays()).toEqual(Array.from({ length: 7 }, (_, day) => (day === 6 ? [] : ['10:15'])));
});

test('what is no time, no day or one too many is said beside its field, and nothing changes', async () => {
  const before = await readDays();
  const time = await send({ weekday: '2', time: '25:00' });
  expect(time.status).toBe(400);
  expect(time.text).toContain('This is no time of the day.');
  expect((await send({ weekday: '8', time: '09:00' })).text).toContain('Choose a day of the week.');
  expect((await send({ copy: 'monday' })).status).toBe(400);
  await server.context.db.queueSlot.createMany({
    data: Array.from({ length: 24 }, (_, hour) => ({
      teamId: scene.owner.teamId,
      channelId: scene.channelId,
      weekday: 7,
      localTime: `${String(hour).padStart(2, '0')}:00`,
    })),
  });
  expect((await send({ weekday: '7', time: '09:30' })).text).toContain('A day takes 24 slots at most.');
  const after = await readDays();
  expect(after[6]).toHaveLength(24);
  expect(after.slice(0, 6)).toEqual(before.slice(0, 6));
});

test('without any the page says what that means', async () => {
  await server.context.db.queueSlot.deleteMany();
  expect((await owner.get(path)).text).toContain('No slots yet.');
});

test('a viewer sees them without buttons and changes nothing; another team finds no such channel', async () => {
  const viewer = createVisitor(server.url);
  await viewer.signIn(await addMember(server.context, scene.owner.teamId, 'viewer'));
  const shown = await viewer.get(path);
  expect(shown.status).toBe(200);
  expect(shown.text).not.toContain('Add a slot');
  const refused = await viewer.submit(path, path, { weekday: '1', time: '09:00' });
  expect(refused.status).toBe(403);
  expect(await server.context.db.queueSlot.count()).toBe(0);

  const other = await server.context.db.team.create({
    data: { id: 'team_other', name: 'Other', timeZone: 'UTC' },
  });
  const stranger = createVisitor(server.url);
  await stranger.signIn(await addMember(server.context, other.id, 'owner'));
  expect((await stranger.get(path)).status).toBe(404);
  expect((await stranger.submit('/account', path, { weekday: '1', time: '09:00' })).status).toBe(404);
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { listCalendar } from '../../server/posts/list-calendar.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addConnection, addMember, addPost, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, csrfOf, valueOf, type Visitor } from './support/visitor.ts';
import { createOwner } from '../support/test-context.ts';

let server: PagesServer;
let scene: Scene;
let person: Visitor;
let viewer: Visitor;
let stranger: Visitor;

beforeAll(async () => {
  server = await startPagesServer();
  const { context } = server;
  scene = await createScene(context);
  const other = await createOwner(context);
  const signIn = async (credentials: { email: string; password: string }) => {
    const visitor = createVisitor(server.url);
    await visitor.signIn(credentials);
    return visitor;
  };
  person = await signIn(OWNER);
  viewer = await signIn(await addMember(context, scene.owner.teamId, 'viewer'));
  stranger = await signIn(await addMember(context, other.team.id, 'owner'));
});
afterAll(() => server[Symbol.asyncDispose]());

/** A post at a wall time of Europe/Berlin, given as an instant. */
async function postAt(at: string, more: { text?: string; state?: string; connectionId?: string } = {}) {
  const postId = await addPost(server.context, scene, { text: 'Fresh bread', state: 'scheduled', ...more });
  const dueAt = new Date(at);
  const isOut = more.state === 'published';
  await server.context.db.delivery.updateMany({
    where: { postId },
    data: {
      dueAt,
      notBefore: dueAt,
      notAfter: new Date(dueAt.getTime() + 1_800_000),
      ...(isOut && { publishedAt: dueAt }),
    },
  });
  return postId;
}
const deliveryOf = (postId: string) => server.context.db.delivery.findFirstOrThrow({ where: { postId } });
const cellOf = (markup: string, day: string) =>
  markup.split('<td').find((cell) => cell.includes(`<span class="name">${day}`)) ?? '';

interface Told {
  posts: { postId: string; date: string; time: string; moveHref?: string; tone: string; networks: string }[];
  clockChanges: { date: string; words: string }[];
}
const tell = async (visitor: Visitor, query: string) =>
  JSON.parse(
    (await visitor.get(`/calendar/posts.json?${query}`, { accept: 'application/json' })).text,
  ) as Told;

describe('the calendar', () => {
  test('shows a post on its day in the zone of the team, with its time, state and network', async () => {
    // 00:30 on the 4th in Berlin, still the 3rd in UTC.
    const postId = await postAt('2031-02-03T23:30:00Z', { text: 'Over <midnight>' });
    const { text } = await person.get('/calendar?from=2031-02-11');
    const cell = cellOf(text, 'Tuesday 4 February');
    expect(cell).toContain(`href="/posts/${postId}"`);
    expect(cell).toContain('<time>00:30</time> Over &lt;midnight');
    expect(cell).toContain('Scheduled');
    expect(cell).toContain('Playground');
    expect(text).toContain('Europe/Berlin');
    expect(cellOf(text, 'Monday 3 February')).not.toContain('midnight');
  });

  test('its other views open on the same days: on today where it is shown, else on the month with most of a week', async () => {
    const tabsOf = async (query: string) => {
      const { text } = await person.get(`/calendar?${query}`);
      const links = [...text.matchAll(/view=(\w+)&amp;from=([\d-]+)"( aria-current="page")?>(\w+)</g)];
      return Object.fromEntries(links.map(([, view, from, , label]) => [label!, `${view} ${from}`]));
    };
    expect(await tabsOf('view=month&from=2031-04-20')).toMatchObject({
      Week: 'week 2031-04-01',
      Agenda: 'agenda 2031-04-01',
    });
    expect(await tabsOf('view=week&from=2031-04-01')).toMatchObject({
      Month: 'month 2031-04-03',
      Agenda: 'agenda 2031-03-31',
    });
    expect(await tabsOf('view=week&from=2031-05-01')).toMatchObject({ Month: 'month 2031-05-01' });
    expect(await tabsOf('view=week&from=2031-04-30')).toMatchObject({ Month: 'month 2031-05-01' });
    for (const [view, other] of [
      ['month', 'Week'],
      ['week', 'Month'],
      ['agenda', 'Week'],
    ] as const) {
      const { Today, [other]: tab } = await tabsOf(`view=${view}`);
      expect(tab).toBe(`${other.toLowerCase()} ${Today!.split(' ')[1]}`);
    }
  });

  test('has whole weeks in a month, seven days in a week and four weeks in an agenda', async () => {
    await postAt('2031-04-01T08:00:00Z', { text: 'In April' });
    expect((await tell(person, 'view=month&from=2031-03-15')).posts.map(({ date }) => date)).toContain(
      '2031-04-01',
    );
    expect((await tell(person, 'view=week&from=2031-03-30')).posts).toEqual([]);
    expect((await tell(person, 'view=week&from=2031-04-06')).posts).toHaveLength(1);
    expect((await tell(person, 'view=agenda&from=2031-03-04')).posts).toEqual([]);
    expect((await tell(person, 'view=agenda&from=2031-03-05')).posts).toHaveLength(1);
  });

  test('leads on and back, and shows today for a day that is none', async () => {
    const { text } = await person.get('/calendar?view=week&from=2031-03-12');
    expect(text).toContain('href="/calendar?view=week&amp;from=2031-03-03"');
    expect(text).toContain('href="/calendar?view=week&amp;from=2031-03-17"');
    for (const from of ['2031-02-30', '0000-01-01', '9999-01-01', '2031-3-1', "'"]) {
      const page = await person.get(`/calendar?from=${from}`);
      expect(page.status).toBe(200);
      expect(page.text).toContain('aria-current="date"');
    }
  });

  test('marks the days on which the clocks change, in words', async () => {
    const spring = await person.get('/calendar?from=2031-03-01');
    expect(cellOf(spring.text, 'Sunday 30 March')).toContain('Clocks go forward at 02:00, to 03:00');
    const autumn = await person.get('/calendar?view=agenda&from=2031-10-20');
    expect(autumn.text).toContain('Clocks go back at 03:00, to 02:00');
    expect(await tell(person, 'view=week&from=2031-10-20')).toMatchObject({
      clockChanges: [{ date: '2031-10-26', words: 'Clocks go back at 03:00, to 02:00' }],
    });
    expect((await tell(person, 'from=2031-07-01')).clockChanges).toEqual([]);
  });

  test('is narrowed to a campaign or a channel', async () => {
    await postAt('2031-05-06T08:00:00Z', { text: 'Kept' });
    const query = 'from=2031-05-01';
    expect((await tell(person, `${query}&campaign=${scene.campaignId}`)).posts).toHaveLength(1);
    expect((await tell(person, `${query}&channel=${scene.channelId}`)).posts).toHaveLength(1);
    for (const filter of ['campaign=cmp_other', 'channel=chn_other']) {
      expect((await tell(person, `${query}&${filter}`)).posts).toEqual([]);
    }
    const { text } = await person.get(`/calendar?${query}&campaign=cmp_other`);
    expect(text).toContain('Only what fits the filter is shown.');
    expect(text).toContain('campaign=cmp_other');
  });

  test('leads from a day with many posts to its agenda', async () => {
    for (const minute of ['00', '10', '20', '30', '40']) await postAt(`2031-06-10T08:${minute}:00Z`);
    const { text } = await person.get('/calendar?from=2031-06-01');
    const cell = cellOf(text, 'Tuesday 10 June');
    expect(cell.match(/<time>/g)).toHaveLength(3);
    expect(cell).toContain('href="/calendar?view=agenda&amp;from=2031-06-10"');
    expect(cell).toContain('+2 more');
    const agenda = await person.get('/calendar?view=agenda&from=2031-06-10');
    expect(agenda.text.match(/<time>/g)).toHaveLength(5);
  });

  test('says what makes there be something when there is nothing', async () => {
    const { text } = await person.get('/calendar?view=agenda&from=2032-01-01');
    expect(text).toContain('Nothing goes out in these days.');
    expect(text).toContain('Posts are drafted in your editor');
  });

  test('leaves out what was thrown away, cancelled or never had a time', async () => {
    const postId = await postAt('2031-07-08T08:00:00Z');
    await server.context.db.post.update({ where: { id: postId }, data: { discardedAt: new Date() } });
    await addPost(server.context, scene, { text: 'A draft' });
    expect((await tell(person, 'from=2031-07-01')).posts).toEqual([]);
  });

  test('tells when there is more than it shows, and shows no post in part', async () => {
    for (const hour of ['08', '09', '10', '11']) await postAt(`2031-11-04T${hour}:00:00Z`);
    const window = { from: new Date('2031-11-01T00:00:00Z'), to: new Date('2031-12-01T00:00:00Z') };
    const list = (limit: number) => listCalendar(server.context, scene.owner, window, limit);
    expect(await list(4)).toMatchObject({ hasMore: false, entries: { length: 4 } });
    expect(await list(3)).toMatchObject({ hasMore: true, entries: { length: 3 } });
    await server.context.db.delivery.updateMany({
      where: { dueAt: new Date('2031-11-04T10:00:00Z') },
      data: { dueAt: new Date('2031-11-04T11:00:00Z') },
    });
    expect(await list(3)).toMatchObject({ hasMore: true, entries: { length: 2 } });
  });

  test('shows nothing of another team', async () => {
    await postAt('2031-08-05T08:00:00Z', { text: 'Ours' });
    expect((await tell(stranger, 'from=2031-08-01')).posts).toEqual([]);
    const byNames = `from=2031-08-01&campaign=${scene.campaignId}&channel=${scene.channelId}`;
    expect((await tell(stranger, byNames)).posts).toEqual([]);
    expect((await stranger.get('/calendar?from=2031-08-01')).text).not.toContain('Ours');
    expect((await createVisitor(server.url).get('/calendar')).location).toContain('/sign-in');
  });

  test('offers a viewer no way to move anything', async () => {
    await postAt('2031-09-02T08:00:00Z', { text: 'To be seen' });
    const { text } = await viewer.get('/calendar?from=2031-09-01');
    expect(text).toContain('To be seen');
    expect(text).not.toContain('/move');
    expect(text).not.toContain('data-may-move');
  });
});

/** As the script asks for a drop. */
async function drop(
  visitor: Visitor,
  postId: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
) {
  const csrf = csrfOf((await visitor.get('/')).text);
  const sent = { csrf, channel: scene.channelId, rev: '1', ...fields };
  const page = await visitor.post(`/posts/${postId}/drop`, sent, {
    ...{ accept: 'application/json', origin: server.url },
    ...headers,
  });
  return { status: page.status, told: JSON.parse(page.text) as Record<string, string> };
}

describe('a drop', () => {
  test('moves a post to the wall time in the zone of the team, under the name of who dropped it', async () => {
    const connectionId = await addConnection(server.context, scene.owner, 'Visual Studio Code');
    const postId = await postAt('2031-02-18T08:00:00Z', { connectionId });
    const { status, told } = await drop(person, postId, { at: '2031-07-18T10:30' });
    expect(status).toBe(200);
    expect(told['message']).toBe('Moved to Fri, 18 Jul 2031, 10:30 CEST. It goes out under your name now.');
    const moved = await deliveryOf(postId);
    expect(moved.dueAt).toEqual(new Date('2031-07-18T08:30:00Z'));
    expect(moved.scheduledByPersonId).toBe(scene.owner.personId);
    const back = await drop(person, postId, { at: '2031-02-18T08:00:00.000Z' });
    expect(back.status).toBe(200);
    expect((await deliveryOf(postId)).dueAt).toEqual(new Date('2031-02-18T08:00:00Z'));
  });

  test('on a time that does not exist is refused with the next one that does', async () => {
    const postId = await postAt('2031-03-29T08:00:00Z');
    const { status, told } = await drop(person, postId, {
      ...{ at: '2031-03-30T02:15', calendar: 'view=week' },
    });
    expect(status).toBe(400);
    expect(told).toMatchObject({ error: 'nonexistent_time', nextWallTime: '2031-03-30T03:00' });
    expect(told['message']).toContain('The next one that does is 03:00.');
    expect(told['moveHref']).toContain('date=2031-03-30&time=03%3A00&calendar=view%3Dweek');
    expect((await deliveryOf(postId)).dueAt).toEqual(new Date('2031-03-29T08:00:00Z'));
  });

  test('in the past, on a stale revision or without a channel is refused with the reason', async () => {
    const postId = await postAt('2031-03-29T08:00:00Z');
    const refusals = [
      [{ at: '2021-03-30T09:00' }, 400, 'time_passed'],
      [{ at: '2031-03-31T09:00', rev: '7' }, 409, 'stale_revision'],
      [{ at: '2031-03-31T09:00', rev: 'x' }, 409, 'stale_revision'],
      [{ at: '2031-03-31T09:00', channel: '' }, 404, 'not_found'],
      [{ at: 'tomorrow' }, 400, 'invalid_time'],
      [{ at: '2031-99-31T09:00' }, 400, 'invalid_time'],
    ] as const;
    for (const [fields, status, error] of refusals) {
      expect(await drop(person, postId, fields)).toMatchObject({ status, told: { error } });
    }
    expect((await deliveryOf(postId)).dueAt).toEqual(new Date('2031-03-29T08:00:00Z'));
  });

  test.each(['awaiting_approval', 'held', 'failed', 'missed', 'published'])(
    'moves nothing that is %s: giving it a time would be a yes, or come too late',
    async (state) => {
      const postId = await postAt('2031-03-29T08:00:00Z', { state });
      const { status, told } = await drop(person, postId, { at: '2031-03-31T09:00' });
      expect(status).toBe(409);
      expect(told['error']).toBe('needs_look');
      expect(told['moveHref']).toContain(`/posts/${postId}/move?`);
      expect(await deliveryOf(postId)).toMatchObject({ state, dueAt: new Date('2031-03-29T08:00:00Z') });
      expect(await server.context.db.approval.count({ where: { postId } })).toBe(0);
    },
  );

  test('of a viewer, of a stranger, without the token or from another site moves nothing', async () => {
    const postId = await postAt('2031-03-29T08:00:00Z');
    const at = '2031-03-31T09:00';
    expect(await drop(viewer, postId, { at })).toMatchObject({ status: 403, told: { error: 'viewer' } });
    expect(await drop(stranger, postId, { at })).toMatchObject({ status: 404 });
    expect(await drop(person, postId, { at, csrf: '' })).toMatchObject({ status: 403 });
    const foreign = { origin: 'https://evil.example' };
    expect(await drop(person, postId, { at }, foreign)).toMatchObject({ status: 403 });
    expect((await deliveryOf(postId)).dueAt).toEqual(new Date('2031-03-29T08:00:00Z'));
  });
});

describe('the form for another time', () => {
  async function move(postId: string, fields: Record<string, string>, path = `/posts/${postId}/move`) {
    const shown = { rev: '1', content_hash: valueOf((await person.get(path)).text, 'content_hash') };
    const to = `/posts/${postId}/move`;
    return person.submit(path, to, { ...shown, channel: scene.channelId, ...fields });
  }

  test('moves a post and leads back to the calendar and its filter', async () => {
    const postId = await postAt('2031-02-20T08:00:00Z');
    const filter = `campaign=${scene.campaignId}`;
    const shown = await tell(person, `view=week&from=2031-02-20&${filter}`);
    const { moveHref } = shown.posts.find((post) => post.postId === postId)!;
    const form = await person.get(moveHref!);
    expect(form.text).toContain('value="2031-02-20"');
    expect(form.text).toContain('value="09:00"');
    const calendar = valueOf(form.text, 'calendar').replaceAll('&amp;', '&');
    const sent = await move(postId, { calendar, date: '2031-02-25', time: '11:05' }, moveHref);
    expect(sent.location).toBe(`/calendar?view=week&from=2031-02-25&${filter}&done=moved`);
    expect((await deliveryOf(postId)).dueAt).toEqual(new Date('2031-02-25T10:05:00Z'));
    expect((await person.get(sent.location!)).text).toContain('Moved. It goes out at its new time');
  });

  test('keeps what was typed, and says what is wrong beside the time', async () => {
    const postId = await postAt('2031-02-20T08:00:00Z');
    const sent = await move(postId, { date: '2031-03-30', time: '02:30' });
    expect(sent.status).toBe(400);
    expect(sent.text).toContain('value="2031-03-30"');
    expect(sent.text).toContain('value="02:30"');
    expect(sent.text).toMatch(/id="field-time-error">[^<]*The next one that does is 03:00\./);
    const { text } = await move(postId, { date: '2031-03-30', time: '' });
    expect(text).toContain('Give a date and a time');
  });

  test('says that to move what waits is to approve it, and approves by it', async () => {
    const postId = await postAt('2031-02-20T08:00:00Z', { state: 'awaiting_approval' });
    const form = await person.get(`/posts/${postId}/move`);
    expect(form.text).toContain('Moving it is your yes to it.');
    const sent = await move(postId, { date: '2031-02-21', time: '10:00' });
    expect(sent.location).toBe(`/posts/${postId}?done=moved`);
    expect((await deliveryOf(postId)).state).toBe('scheduled');
    expect(await server.context.db.approval.count({ where: { postId, decision: 'approved' } })).toBe(1);
  });

  test('gives a draft its first time', async () => {
    const postId = await addPost(server.context, scene, { text: 'A draft' });
    expect((await person.get(`/posts/${postId}`)).text).toContain(`href="/posts/${postId}/move"`);
    const form = await person.get(`/posts/${postId}/move`);
    expect(form.text).toContain('Schedule the post');
    expect(form.text).toContain('Scheduling it is your yes to it.');
    await move(postId, { date: '2031-02-21', time: '10:00' });
    expect(await deliveryOf(postId)).toMatchObject({
      state: 'scheduled',
      dueAt: new Date('2031-02-21T09:00:00Z'),
    });
  });

  test('says what a person should know of the time that was given', async () => {
    const postId = await postAt('2031-02-20T08:00:00Z');
    await postAt('2031-10-26T00:31:00Z', { text: 'Another' });
    const sent = await move(postId, { date: '2031-10-26', time: '02:30' });
    const { text } = await person.get(sent.location!);
    expect(text).toContain('it comes twice on that day: the first was taken.');
    expect(text).toContain('Another post goes out on the same channel within 5 minutes of it.');
    expect((await person.get(`/posts/${postId}?done=moved&but=toString&but=%3Cb%3E`)).text).toContain(
      'Moved.',
    );
  });

  test('is not there for what is out, nor for a viewer', async () => {
    const postId = await postAt('2031-02-20T08:00:00Z', { state: 'published' });
    const page = await person.get(`/posts/${postId}/move`);
    expect(page.text).toContain('It cannot be moved any more.');
    expect(page.text).not.toContain('name="date"');
    expect((await viewer.get(`/posts/${postId}/move`)).status).toBe(403);
    expect((await stranger.get(`/posts/${postId}/move`)).status).toBe(404);
  });
});

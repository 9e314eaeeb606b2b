import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { liftKillSwitch } from '../../server/deliveries/lift-kill-switch.ts';
import { listKillSwitches } from '../../server/deliveries/list-kill-switches.ts';
import { releaseStopped } from '../../server/deliveries/release-stopped.ts';
import { setKillSwitch } from '../../server/deliveries/set-kill-switch.ts';
import { resumeServer, stopServer } from '../../server/deliveries/stop-server.ts';
import type { KillSwitchTarget } from '../../server/deliveries/kill-switch.ts';
import { readHaltCommand } from '../../server/halt/halt-command.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { openTestContext } from '../support/test-context.ts';
import {
  createConnection,
  createPublishingTeam,
  readDelivery,
  scheduleTestDelivery,
  type PublishingTeam,
} from './fixtures.ts';
import { watchPlayground } from './watched-network.ts';

let context: Context;
let team: PublishingTeam;
let connectionId: string;

beforeAll(async () => {
  context = await openTestContext();
  team = await createPublishingTeam(context);
  connectionId = await createConnection(context, team);
});
afterAll(() => context[Symbol.asyncDispose]());

const reason = 'The account was taken over.';
const stop = (what: KillSwitchTarget, on = team) => setKillSwitch(context, on.caller, { ...what, reason });
const schedule = (by: 'person' | 'client', lateLimitSeconds = 1800) =>
  scheduleTestDelivery(context, team, { lateLimitSeconds, ...(by === 'client' && { connectionId }) });
const publish = async (id: string) => {
  await publishDelivery(context, id);
  return readDelivery(context, id);
};
const EVERYTHING: KillSwitchTarget = { kind: 'everything', target: null };
const STOPPED = {
  state: 'held',
  heldFrom: 'scheduled',
  problemCode: 'publishing_stopped',
  problemMessage: `Publishing is stopped. The post is held until it goes on. ${reason}`,
};

async function noticesOf({ team: { id: teamId } }: PublishingTeam) {
  const where = { teamId, kind: { startsWith: 'publishing.' } };
  const notices = await context.db.notice.findMany({ where, orderBy: { createdAt: 'asc' } });
  return notices.map(({ kind, detail }) => [kind, detail]);
}

describe('a stop', () => {
  test.each([
    ['everything', () => EVERYTHING, true],
    ['a network', () => ({ kind: 'network', target: 'playground' }) as const, true],
    ['a channel', () => ({ kind: 'channel', target: team.playgroundChannelId }) as const, true],
    ['a client', () => ({ kind: 'client', target: team.clientId }) as const, false],
  ])('of %s holds what is due, and lifted lets it go on', async (_, what, bindsPeople) => {
    const [byPerson, byClient] = [await schedule('person'), await schedule('client')];
    const id = await stop(what());
    expect(await publish(byPerson.id)).toMatchObject(bindsPeople ? STOPPED : { state: 'published' });
    expect(await publish(byClient.id)).toMatchObject(STOPPED);
    expect((await readDelivery(context, byClient.id)).attempts).toEqual([]);
    expect(await liftKillSwitch(context, team.caller, id)).toBe(bindsPeople ? 2 : 1);
    for (const delivery of [byPerson, byClient]) {
      expect(await publish(delivery.id)).toMatchObject({ state: 'published', heldFrom: null });
    }
  });

  test('of another network, channel or team is nothing to it', async () => {
    const other = await createPublishingTeam(context);
    const ids = [await stop({ kind: 'network', target: 'bluesky' }), await stop(EVERYTHING, other)];
    expect(await publish((await schedule('client')).id)).toMatchObject({ state: 'published' });
    await liftKillSwitch(context, team.caller, ids[0]!);
  });

  test('that is set while a post is prepared is seen by its guard', async () => {
    const { id } = await schedule('person');
    const watched = watchPlayground(context, 'prepare');
    const publishing = publishDelivery(watched.context, id);
    await watched.isReached;
    const stopped = await stop(EVERYTHING);
    watched.goOn();
    await publishing;
    expect(await readDelivery(context, id)).toMatchObject({ ...STOPPED, attempts: [] });
    await liftKillSwitch(context, team.caller, stopped);
    expect((await publish(id)).state).toBe('published');
  });

  test('holds until the time has passed: then the post is missed, and says why', async () => {
    const { id } = await schedule('person');
    const stopped = await stop(EVERYTHING);
    await publish(id);
    await context.db.$executeRaw`
      update delivery set not_after = clock_timestamp() - interval '1 minute' where id = ${id}`;
    await liftKillSwitch(context, team.caller, stopped);
    expect(await readDelivery(context, id)).toMatchObject({
      state: 'missed',
      problemCode: 'too_late',
      problemMessage: 'Its time passed while publishing was stopped, so it was not sent. Schedule it anew.',
    });
  });

  test('of two of which one is lifted goes on holding', async () => {
    const { id } = await schedule('client');
    const [wide, narrow] = [await stop(EVERYTHING), await stop({ kind: 'client', target: team.clientId })];
    await publish(id);
    await liftKillSwitch(context, team.caller, wide);
    expect(await readDelivery(context, id)).toMatchObject(STOPPED);
    await liftKillSwitch(context, team.caller, narrow);
    expect((await publish(id)).state).toBe('published');
  });

  test('lets go by itself what a worker held at the moment of the lift', async () => {
    const { id } = await schedule('person');
    await context.db.delivery.update({
      where: { id },
      data: { state: 'held', heldFrom: 'scheduled', problemCode: 'publishing_stopped' },
    });
    expect(await releaseStopped(context, null)).toBe(1);
    expect((await publish(id)).state).toBe('published');
  });

  test('is set and lifted by owners only, once, with a reason, and stands in the activity', async () => {
    const editor = { ...team.caller, role: 'editor' } as const;
    const input = { ...EVERYTHING, reason };
    await expect(setKillSwitch(context, editor, input)).rejects.toMatchObject({ kind: 'NotAllowed' });
    await expect(setKillSwitch(context, team.caller, { ...input, reason: ' ' })).rejects.toMatchObject({
      details: { code: 'reason_missing' },
    });
    const unknown = { kind: 'channel', target: (await createPublishingTeam(context)).playgroundChannelId };
    await expect(stop(unknown as KillSwitchTarget)).rejects.toMatchObject({ kind: 'NotFound' });
    const id = await stop(EVERYTHING);
    await expect(stop(EVERYTHING)).rejects.toMatchObject({ details: { code: 'stopped_already' } });
    expect(await listKillSwitches(context, team.caller)).toMatchObject([
      { id, kind: 'everything', reason, isServerWide: false, createdBy: team.person.name },
    ]);
    await expect(liftKillSwitch(context, editor, id)).rejects.toMatchObject({ kind: 'NotAllowed' });
    const other = await createPublishingTeam(context);
    await expect(liftKillSwitch(context, other.caller, id)).rejects.toMatchObject({ kind: 'NotFound' });
    await liftKillSwitch(context, team.caller, id);
    const rows = await context.db.activity.findMany({
      where: { teamId: team.team.id, action: { in: ['publishing.stopped', 'publishing.resumed'] } },
      orderBy: [{ at: 'desc' }],
      take: 2,
    });
    expect(rows.map(({ action, personId }) => [action, personId])).toEqual([
      ['publishing.resumed', team.person.id],
      ['publishing.stopped', team.person.id],
    ]);
    expect((await noticesOf(team)).slice(-2)).toEqual([
      ['publishing.stopped', { what: 'everything', reason, server_wide: false }],
      ['publishing.resumed', { what: 'everything', server_wide: false }],
    ]);
  });

  test('of the server holds the posts of every team, is shown to each and lifted by the operator alone', async () => {
    const { id } = await schedule('person');
    const what = { kind: 'network', target: 'playground' } as const;
    await stopServer(context, { ...what, reason });
    await expect(stopServer(context, { ...what, reason })).rejects.toMatchObject({ kind: 'Conflict' });
    expect(await publish(id)).toMatchObject(STOPPED);
    const [shown] = await listKillSwitches(context, team.caller);
    expect(shown).toMatchObject({ ...what, isServerWide: true, createdBy: null });
    await expect(liftKillSwitch(context, team.caller, shown!.id)).rejects.toMatchObject({ kind: 'NotFound' });
    expect(await resumeServer(context, what)).toBe(1);
    expect((await publish(id)).state).toBe('published');
    await expect(resumeServer(context, what)).rejects.toMatchObject({ kind: 'NotFound' });
    const other = await createPublishingTeam(context);
    await stopServer(context, { ...what, reason });
    await resumeServer(context, what);
    const said = { what: 'network', target: 'playground', server_wide: true };
    expect(await noticesOf(other)).toEqual([
      ['publishing.stopped', { ...said, reason }],
      ['publishing.resumed', said],
    ]);
  });
});

test('what the operator types is understood, or refused as a whole', () => {
  expect(readHaltCommand([])).toEqual({ action: 'list' });
  expect(readHaltCommand(['everything', 'too', 'many'])).toEqual({
    ...{ action: 'stop', kind: 'everything', target: null, reason: 'too many' },
  });
  expect(readHaltCommand(['network', 'x', 'broken'])).toEqual({
    ...{ action: 'stop', kind: 'network', target: 'x', reason: 'broken' },
  });
  expect(readHaltCommand(['lift', 'network', 'x'])).toEqual({ action: 'lift', kind: 'network', target: 'x' });
  for (const words of [
    ['everything'],
    ['network', 'x'],
    ['network', 'nowhere', 'y'],
    ['lift'],
    ['client', 'a', 'b'],
  ]) {
    expect(readHaltCommand(words)).toBeNull();
  }
});

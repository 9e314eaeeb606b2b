import { createHash } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { revokeConnection } from '../../server/oauth/connections.ts';
import type { Context } from '../../server/context.ts';
import type { Scope } from '../../server/scopes.ts';
import { disconnectChannel } from '../../server/channels/disconnect-channel.ts';
import { missLateDeliveries } from '../../server/deliveries/miss-late.ts';
import { faultCount } from '../faults/fault-counts.ts';
import { openTestContext } from '../support/test-context.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import {
  createConnection,
  createPublishingTeam,
  createTestChannel,
  decide,
  readDelivery,
  scheduleTestDelivery,
  type PublishingTeam,
  type TestDelivery,
} from './fixtures.ts';

let context: Context;

beforeAll(async () => {
  context = await openTestContext();
});
afterAll(() => context[Symbol.asyncDispose]());

interface Case {
  name: string;
  scopes?: Scope[];
  /** Scheduled by the person in the browser, not by a connection. */
  isByPerson?: boolean;
  isApproved?: boolean;
  dueInSeconds?: number;
  /** What happens between the scheduling and the due time. */
  meanwhile: (team: PublishingTeam, connectionId: string, delivery: TestDelivery) => Promise<unknown>;
  state: string;
  problemCode: string | null;
}

const WAITS: Scope[] = ['schedule:write'];
const otherHash = new Uint8Array(createHash('sha256').update('another text').digest());

const setConnection = (id: string, data: object) => context.db.connection.update({ where: { id }, data });
const setCampaign = ({ campaignId }: PublishingTeam, status: string) =>
  context.db.campaign.update({ where: { id: campaignId }, data: { status } });
const setChannel = ({ playgroundChannelId }: PublishingTeam, data: object) =>
  context.db.channel.update({ where: { id: playgroundChannelId }, data });
const setRole = ({ team, person }: PublishingTeam, role: string) =>
  context.db.membership.update({
    where: { teamId_personId: { teamId: team.id, personId: person.id } },
    data: { role },
  });
const removeMember = ({ team, person }: PublishingTeam) =>
  context.db.membership.delete({ where: { teamId_personId: { teamId: team.id, personId: person.id } } });
const suspect = async (id: string, after: string) =>
  context.db
    .$executeRaw`update connection set suspect_since = clock_timestamp() + ${after}::interval where id = ${id}`;
const nothing = async () => undefined;

const cases: Case[] = [
  {
    name: 'nothing stands against it',
    meanwhile: nothing,
    state: 'published',
    problemCode: null,
  },
  {
    name: 'the connection was revoked',
    meanwhile: (_, id) => setConnection(id, { revokedAt: new Date() }),
    state: 'held',
    problemCode: 'connection_revoked',
  },
  {
    name: 'the connection was revoked in the dashboard',
    meanwhile: (team, id) => revokeConnection(context, team.caller, id),
    state: 'held',
    problemCode: 'connection_revoked',
  },
  {
    name: 'the connection was limited to looking',
    meanwhile: (_, id) => setConnection(id, { scopes: ['schedule:read'] }),
    state: 'held',
    problemCode: 'connection_limited',
  },
  {
    name: 'the person behind the connection left the team',
    meanwhile: (team) => removeMember(team),
    state: 'held',
    problemCode: 'member_removed',
  },
  {
    name: 'the person who scheduled it left the team',
    isByPerson: true,
    meanwhile: (team) => removeMember(team),
    state: 'held',
    problemCode: 'member_removed',
  },
  {
    name: 'the person behind the connection was disabled',
    meanwhile: ({ person }) =>
      context.db.person.update({ where: { id: person.id }, data: { disabledAt: new Date() } }),
    state: 'held',
    problemCode: 'member_removed',
  },
  {
    name: 'the person behind the connection may only look now',
    meanwhile: (team) => setRole(team, 'viewer'),
    state: 'held',
    problemCode: 'role_lowered',
  },
  {
    name: 'the person who scheduled it may only look now',
    isByPerson: true,
    meanwhile: (team) => setRole(team, 'viewer'),
    state: 'held',
    problemCode: 'role_lowered',
  },
  {
    name: 'the person who scheduled it is an editor now',
    isByPerson: true,
    meanwhile: (team) => setRole(team, 'editor'),
    state: 'published',
    problemCode: null,
  },
  {
    name: 'the channel was disconnected',
    meanwhile: (team) => setChannel(team, { disconnectedAt: new Date() }),
    state: 'held',
    problemCode: 'channel_disconnected',
  },
  {
    name: 'the channel was disconnected in the dashboard',
    meanwhile: async (team) => {
      await setChannel(team, { network: 'bluesky' });
      await disconnectChannel(context, team.caller, { channelId: team.playgroundChannelId });
    },
    state: 'held',
    problemCode: 'channel_disconnected',
  },
  {
    name: 'the channel must be linked again',
    meanwhile: (team) => setChannel(team, { status: 'needs_reconnect' }),
    state: 'held',
    problemCode: 'channel_needs_reconnect',
  },
  {
    name: 'the campaign was paused',
    meanwhile: (team) => setCampaign(team, 'paused'),
    state: 'held',
    problemCode: 'campaign_paused',
  },
  {
    name: 'the campaign was archived',
    meanwhile: (team) => setCampaign(team, 'archived'),
    state: 'held',
    problemCode: 'campaign_archived',
  },
  {
    name: 'nobody approved it and the connection needs that',
    scopes: WAITS,
    meanwhile: nothing,
    state: 'held',
    problemCode: 'approval_missing',
  },
  {
    name: 'a person approved it',
    scopes: WAITS,
    isApproved: true,
    meanwhile: nothing,
    state: 'published',
    problemCode: null,
  },
  {
    name: 'the approval is of another content',
    scopes: WAITS,
    meanwhile: (team, _, { postId }) =>
      decide(context.db, team, { postId, contentHash: otherHash }, 'approved'),
    state: 'held',
    problemCode: 'approval_missing',
  },
  {
    name: 'the approval is of another revision',
    scopes: WAITS,
    meanwhile: async (team, _, { postId, contentHash }) => {
      const revision = { teamId: team.team.id, postId, rev: 2, text: 'Hello', contentHash };
      await context.db.postRevision.create({ data: revision });
      await decide(context.db, team, { postId, contentHash, rev: 2 }, 'approved');
    },
    state: 'held',
    problemCode: 'approval_missing',
  },
  {
    name: 'the right to publish unasked was taken from the connection',
    meanwhile: (_, id) => setConnection(id, { scopes: WAITS }),
    state: 'held',
    problemCode: 'approval_missing',
  },
  {
    name: 'a person rejected it after the yes',
    scopes: WAITS,
    isApproved: true,
    meanwhile: (team, _, delivery) => decide(context.db, team, delivery, 'rejected'),
    state: 'held',
    problemCode: 'approval_rejected',
  },
  {
    name: 'a person rejected what the connection may publish unasked',
    meanwhile: (team, _, delivery) => decide(context.db, team, delivery, 'rejected'),
    state: 'held',
    problemCode: 'approval_rejected',
  },
  {
    name: 'the connection had been under suspicion when it scheduled',
    meanwhile: (_, id) => suspect(id, '-1 hour'),
    state: 'held',
    problemCode: 'connection_suspect',
  },
  {
    name: 'the connection had been under suspicion, but a person approved',
    isApproved: true,
    meanwhile: (_, id) => suspect(id, '-1 hour'),
    state: 'published',
    problemCode: null,
  },
  {
    name: 'the suspicion came later than the scheduling',
    meanwhile: (_, id) => suspect(id, '1 second'),
    state: 'published',
    problemCode: null,
  },
  {
    name: 'it is too late',
    dueInSeconds: -1801,
    meanwhile: nothing,
    state: 'missed',
    problemCode: 'too_late',
  },
];

test.each(cases)('$name: $state $problemCode', async (guarded) => {
  const team = await createPublishingTeam(context);
  const connectionId = await createConnection(context, team, guarded.scopes);
  const delivery = await scheduleTestDelivery(context, team, {
    dueInSeconds: guarded.dueInSeconds ?? 0,
    ...(!guarded.isByPerson && { connectionId }),
    ...(guarded.isApproved !== undefined && { isApproved: guarded.isApproved }),
  });
  await guarded.meanwhile(team, connectionId, delivery);
  await publishDelivery(context, delivery.id);
  const after = await readDelivery(context, delivery.id);
  expect(after).toMatchObject({ state: guarded.state, problemCode: guarded.problemCode });
  const shown = await context.db.playgroundPost.count({ where: { deliveryId: delivery.id } });
  expect(shown).toBe(guarded.state === 'published' ? 1 : 0);
  expect(after.attempts).toHaveLength(shown);
  if (guarded.state === 'published') return;
  expect(after.problemMessage).toMatch(/^[A-Z].+\.$/);
});

test('what is held until it is too late is missed, with the reason', async () => {
  const team = await createPublishingTeam(context);
  await setCampaign(team, 'paused');
  const { id } = await scheduleTestDelivery(context, team);
  await publishDelivery(context, id);
  await context.db
    .$executeRaw`update delivery set not_after = clock_timestamp() - interval '1 second' where id = ${id}`;
  await missLateDeliveries(context);
  const { state, problemCode, problemMessage } = await readDelivery(context, id);
  expect({ state, problemCode }).toEqual({ state: 'missed', problemCode: 'too_late' });
  expect(problemMessage).toContain('The campaign is paused');
});

test('a revocation and a send that race: nothing is sent after the revocation', async () => {
  const RACES = faultCount({ full: 300, short: 100 });
  const team = await createPublishingTeam(context);
  let revokedFirst = 0;
  for (let done = 0; done < RACES; done += 10) {
    await Promise.all(
      Array.from({ length: 10 }, async (_, lane) => {
        const channelId = await createTestChannel(context, team);
        const connectionId = await createConnection(context, team);
        const { id } = await scheduleTestDelivery(context, team, { connectionId, channelId });
        const publishing = publishDelivery(context, id);
        await Promise.all([publishing, revokeAfter(connectionId, ((done / 10 + lane) % 10) * 2)]);
        revokedFirst += (await readDelivery(context, id)).state === 'held' ? 1 : 0;
      }),
    );
  }
  const sentAfter = await context.db.$queryRaw<unknown[]>`
    select a.delivery_id from attempt a join delivery d on d.id = a.delivery_id
    join connection c on c.id = d.scheduled_by_connection_id
    where d.team_id = ${team.team.id} and a.started_at > c.revoked_at`;
  const open = await context.db.delivery.count({
    where: { teamId: team.team.id, state: { notIn: ['held', 'published'] } },
  });
  process.stdout.write(
    `${RACES} races of revocation and send: ${revokedFirst} held, ${RACES - revokedFirst} sent before it, ${sentAfter.length} sent after it\n`,
  );
  expect(sentAfter).toEqual([]);
  expect(open).toBe(0);
});

/**
 * The time is taken by PostgreSQL after the row's lock is held, as the revocation of the dashboard does.
 * @param roundTrips how far the send has come by then
 */
async function revokeAfter(connectionId: string, roundTrips: number): Promise<void> {
  await context.db.$transaction(async (tx) => {
    for (let trip = 0; trip < roundTrips; trip += 1) await tx.$executeRaw`select 1`;
    await tx.$executeRaw`select from connection where id = ${connectionId} for update`;
    await tx.$executeRaw`update connection set revoked_at = clock_timestamp() where id = ${connectionId}`;
  });
}

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { ConnectionCaller } from '../../server/caller.ts';
import type { Context } from '../../server/context.ts';
import { approvePost } from '../../server/deliveries/approve-post.ts';
import { cancelSchedule } from '../../server/deliveries/cancel-schedule.ts';
import { claimDelivery } from '../../server/deliveries/claim-delivery.ts';
import { handOverDeliveries } from '../../server/deliveries/hand-over.ts';
import { liftKillSwitch } from '../../server/deliveries/lift-kill-switch.ts';
import { missLateDeliveries } from '../../server/deliveries/miss-late.ts';
import { publishPost } from '../../server/deliveries/publish-post.ts';
import { rejectPost } from '../../server/deliveries/reject-post.ts';
import { resolveDelivery } from '../../server/deliveries/resolve-delivery.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { setKillSwitch } from '../../server/deliveries/set-kill-switch.ts';
import { takeDownPost } from '../../server/deliveries/take-down-post.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
import type { GuaranteeClass, Network } from '../../server/networks/network.ts';
import { updatePost } from '../../server/posts/update-post.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { connectClient, scopesOf } from '../domain/connect-client.ts';
import { openTestContext } from '../support/test-context.ts';
import { createClassNetwork, type ClassNetwork } from './class-network.ts';
import {
  createPublishingTeam,
  createTestChannel,
  readDelivery,
  scheduleTestDelivery,
  type PublishingTeam,
} from './fixtures.ts';

let opened: Context;
let team: PublishingTeam;
let agent: ConnectionCaller;
let channelId: string;

beforeAll(async () => {
  opened = await openTestContext();
  team = await createPublishingTeam(opened);
});
beforeEach(async () => {
  channelId = await createTestChannel(opened, team);
  agent = (await connectClient(opened, team, scopesOf('publish'))).caller;
});
afterAll(() => opened[Symbol.asyncDispose]());

const arrive = (id: string) =>
  opened.db.$executeRaw`update delivery set not_before = clock_timestamp() where id = ${id}`;
const becomeLate = (id: string) =>
  opened.db
    .$executeRaw`update delivery set not_after = clock_timestamp() - interval '1 second' where id = ${id}`;
const PERSON_DECIDES = { state: 'needs_attention', problemCode: 'outcome_unknown' };

/** Sent without an answer, and looked for once in vain: the next look finds nothing either, and it is sent again. */
async function sendUnclearly(guarantee: GuaranteeClass, changes?: Partial<Network>) {
  const net = createClassNetwork(opened, guarantee, changes);
  net.faults = ['lost'];
  const delivery = await scheduleTestDelivery(opened, team, { channelId });
  const { id } = delivery;
  await publishDelivery(net.context, id);
  await lookAgain(net, id);
  expect(await readDelivery(opened, id)).toMatchObject({ state: 'unknown', emptyReadCount: 1 });
  return { net, ...delivery };
}

async function lookAgain({ context }: ClassNetwork, id: string): Promise<void> {
  await arrive(id);
  await publishDelivery(context, id);
}

describe.each(['exact', 'read_back'] as const)(
  'where the guarantee is %s, a person decides on',
  (guarantee) => {
    test('what could not be looked for until it was too late', async () => {
      const { net, id } = await sendUnclearly(guarantee);
      await becomeLate(id);
      await lookAgain(net, id);
      expect(await readDelivery(opened, id)).toMatchObject(PERSON_DECIDES);
      expect(net.sends).toHaveLength(1);
    });

    test('what becomes too late while it is prepared to be sent again', async () => {
      let prepared = 0;
      const { net, id } = await sendUnclearly(guarantee, {
        preparesAnew: true,
        async prepare({ part }) {
          prepared += 1;
          if (prepared > 1) await becomeLate(part.deliveryId);
        },
      });
      await lookAgain(net, id);
      expect(await readDelivery(opened, id)).toMatchObject(PERSON_DECIDES);
      expect(net.sends).toHaveLength(1);
    });

    test('what is refused when it is sent again', async () => {
      const { net, id } = await sendUnclearly(guarantee);
      net.faults = [new NetworkError('rejected', '403', 'No.')];
      await lookAgain(net, id);
      const after = await readDelivery(opened, id);
      expect(after).toMatchObject(PERSON_DECIDES);
      expect(after.sendStartedAt).not.toBeNull();
      expect(after.attempts.map(({ outcome }) => outcome)).toContain('rejected');
    });

    test('what is refused while it is prepared to be sent again', async () => {
      let prepared = 0;
      const { net, id } = await sendUnclearly(guarantee, {
        preparesAnew: true,
        async prepare() {
          prepared += 1;
          if (prepared > 1) throw new NetworkError('rejected', '400', 'Too large.');
        },
      });
      await lookAgain(net, id);
      expect(await readDelivery(opened, id)).toMatchObject(PERSON_DECIDES);
    });
  },
);

describe('what the network may have', () => {
  const stop = async (state: 'failed' | 'missed' | 'held' | 'cancelled' | 'scheduled') => {
    const sent = await sendUnclearly('read_back');
    const problemCode = state === 'scheduled' ? null : 'policy_denied';
    await opened.db.delivery.update({ where: { id: sent.id }, data: { state, problemCode } });
    return sent;
  };

  test.each(['failed', 'missed', 'held', 'cancelled', 'scheduled'] as const)(
    'and is %s is neither published nor scheduled by a connection',
    async (state) => {
      const { net, id, postId } = await stop(state);
      const refused = { details: { code: 'outcome_unknown' } };
      const post = { postId, expectedRev: 1 };
      await expect(publishPost(net.context, agent, post)).rejects.toMatchObject(refused);
      const at = '2037-01-01T09:00';
      await expect(schedulePost(net.context, agent, { ...post, at })).rejects.toMatchObject(refused);
      expect((await readDelivery(opened, id)).state).toBe(state);
    },
  );

  test.each(['failed', 'missed', 'held', 'cancelled'] as const)(
    'and is %s is looked for when somebody asks',
    async (state) => {
      const { net, id, postId } = await stop(state);
      const { parts } = await readDelivery(opened, id);
      const { key, text } = parts[0]!;
      net.posts.push({ channelId, deliveryId: id, key, text, at: 0 });
      await resolveDelivery(net.context, agent, { postId, channelId, action: 'check' });
      await publishDelivery(net.context, id);
      expect(await readDelivery(opened, id)).toMatchObject({ state: 'published', remoteId: `at ${key}` });
    },
  );

  test.each(['failed', 'missed', 'held'] as const)('and is %s is given up with that mark', async (state) => {
    const { net, id, postId } = await stop(state);
    await resolveDelivery(net.context, agent, { postId, channelId, action: 'give_up' });
    expect(await readDelivery(opened, id)).toMatchObject({ state: 'failed', problemCode: 'given_up' });
  });

  test('is given up with that mark when it is taken off the schedule', async () => {
    const { net, id, postId } = await stop('scheduled');
    expect(await cancelSchedule(net.context, agent, { postId })).toMatchObject({ state: 'failed' });
    expect(await readDelivery(opened, id)).toMatchObject({ state: 'failed', problemCode: 'given_up' });
  });

  describe('and was handed over to wait for a yes', () => {
    const waitForYes = async () => {
      const sent = await stop('scheduled');
      const { id, postId, contentHash } = sent;
      await opened.db.approval.deleteMany({ where: { postId } });
      await opened.db.delivery.update({ where: { id }, data: { state: 'awaiting_approval' } });
      return { ...sent, shown: { postId, rev: 1, contentHash: Buffer.from(contentHash).toString('hex') } };
    };

    test('waits for the first call as well', async () => {
      const { net, id, shown } = await waitForYes();
      const notBefore = new Date(Date.now() + 60_000);
      await opened.db.delivery.update({ where: { id }, data: { notBefore } });
      await approvePost(net.context, team.caller, shown);
      expect(await readDelivery(opened, id)).toMatchObject({ state: 'scheduled', notBefore });
    });

    test('is given up with that mark by a no', async () => {
      const { net, id, shown } = await waitForYes();
      expect(await rejectPost(net.context, team.caller, shown)).toMatchObject({
        deliveries: [{ state: 'failed' }],
      });
      expect(await readDelivery(opened, id)).toMatchObject({ state: 'failed', problemCode: 'given_up' });
    });

    test('is looked for when somebody asks', async () => {
      const { net, id, postId } = await waitForYes();
      await resolveDelivery(net.context, agent, { postId, channelId, action: 'check' });
      expect(await readDelivery(opened, id)).toMatchObject({ state: 'unknown' });
    });
  });

  test('is not missed while it is held, nor when it is no longer', async () => {
    const { net, id } = await stop('scheduled');
    await arrive(id);
    const stopped = { kind: 'channel', target: channelId, reason: 'A test' } as const;
    const switchId = await setKillSwitch(opened, team.caller, stopped);
    await publishDelivery(net.context, id);
    await becomeLate(id);
    await missLateDeliveries(opened);
    expect(await readDelivery(opened, id)).toMatchObject({ state: 'held' });
    await liftKillSwitch(opened, team.caller, switchId);
    await publishDelivery(net.context, id);
    expect(await readDelivery(opened, id)).toMatchObject(PERSON_DECIDES);
  });

  test('is not missed when it is handed over', async () => {
    const { net, id } = await stop('held');
    const { connectionId } = agent;
    const under = { scheduledByConnectionId: connectionId, scheduledByPersonId: null };
    await opened.db.delivery.update({ where: { id }, data: under });
    await becomeLate(id);
    expect(await handOverDeliveries(opened, team.caller, { connectionId })).toMatchObject({ missed: 0 });
    await lookAgain(net, id);
    expect(await readDelivery(opened, id)).toMatchObject(PERSON_DECIDES);
  });
});

describe('a thread of which a part is live', () => {
  const cutThread = async () => {
    const delivery = await scheduleTestDelivery(opened, team, { channelId, parts: ['One', 'Two'] });
    const net = createClassNetwork(opened, 'exact');
    net.faults = ['taken', new NetworkError('not_sent', '503', 'Later.')];
    await publishDelivery(net.context, delivery.id);
    expect(await readDelivery(opened, delivery.id)).toMatchObject({
      state: 'scheduled',
      sendStartedAt: null,
    });
    return { net, ...delivery };
  };

  test('ends with a person once it is too late, though its channel cannot be opened', async () => {
    const { net, id } = await cutThread();
    await becomeLate(id);
    await opened.db.$executeRaw`
      update channel set token_expires_at = clock_timestamp(), credentials = '\\x00' where id = ${channelId}`;
    await lookAgain(net, id);
    const stopped = { state: 'needs_attention', problemCode: 'thread_incomplete' };
    expect(await readDelivery(opened, id)).toMatchObject(stopped);
  });

  test('is no draft when it is taken off the schedule: what is live can be taken down', async () => {
    const { net, id, postId } = await cutThread();
    await cancelSchedule(net.context, agent, { postId });
    expect(await readDelivery(opened, id)).toMatchObject({ state: 'failed', problemCode: 'given_up' });
    const taken = await takeDownPost(net.context, team.caller, { postId, reason: 'Half of it' });
    expect(taken).toMatchObject({ perChannel: [{ state: 'removed' }] });
  });

  test('goes on at once when the answer of the database is lost after a part', async () => {
    const net = createClassNetwork(opened, 'exact');
    const { id } = await scheduleTestDelivery(opened, team, { channelId, parts: ['One', 'Two'] });
    let isLost = false;
    const db = opened.db.$extends({
      query: {
        async $queryRaw({ args, query }) {
          const answer: unknown = await query(args);
          const isOfSettling = JSON.stringify(args).includes('is_of_another');
          if (isLost || !isOfSettling) return answer;
          isLost = true;
          throw new Error('the connection was lost');
        },
      },
    }) as unknown as Context['db'];
    await publishDelivery({ ...net.context, db }, id);
    expect(isLost).toBe(true);
    expect(await readDelivery(opened, id)).toMatchObject({ state: 'published', crashCount: 0 });
    expect(net.sends).toHaveLength(2);
  });
});

describe('what workers died over before they sent it', () => {
  const dieThrice = async () => {
    const delivery = await scheduleTestDelivery(opened, team, { channelId });
    for (let deaths = 0; deaths < 3; deaths += 1) {
      await claimDelivery(opened, delivery.id, { isAlone: true });
      await opened.db.$executeRaw`
        update delivery set lease_until = clock_timestamp() - interval '1 second' where id = ${delivery.id}`;
    }
    await publishDelivery(opened, delivery.id, { isAlone: true });
    const stopped = { state: 'needs_attention', problemCode: 'worker_died', sendStartedAt: null };
    expect(await readDelivery(opened, delivery.id)).toMatchObject(stopped);
    return delivery;
  };

  test('is scheduled or published again like what never went out', async () => {
    const [later, now] = [await dieThrice(), await dieThrice()];
    const at = '2037-01-01T09:00';
    await schedulePost(opened, agent, { postId: later.postId, expectedRev: 1, at });
    expect(await readDelivery(opened, later.id)).toMatchObject({ state: 'scheduled', crashCount: 0 });
    await publishPost(opened, agent, { postId: now.postId, expectedRev: 1 });
    await publishDelivery(opened, now.id);
    expect(await readDelivery(opened, now.id)).toMatchObject({ state: 'published' });
  });

  test('can be corrected first', async () => {
    const { id, postId } = await dieThrice();
    await updatePost(opened, agent, { postId, expectedRev: 1, changes: { text: 'Corrected' } });
    await publishPost(opened, agent, { postId, expectedRev: 2 });
    await publishDelivery(opened, id);
    expect(await readDelivery(opened, id)).toMatchObject({
      state: 'published',
      parts: [{ text: 'Corrected' }],
    });
  });

  test('is cancelled when it is given up, and nothing says that the network may have it', async () => {
    const { id, postId } = await dieThrice();
    await resolveDelivery(opened, agent, { postId, channelId, action: 'give_up' });
    expect(await readDelivery(opened, id)).toMatchObject({ state: 'cancelled', problemCode: 'worker_died' });
    await publishPost(opened, agent, { postId, expectedRev: 1 });
    expect(await readDelivery(opened, id)).toMatchObject({ state: 'scheduled' });
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { sealCredentials } from '../../server/channels/credentials.ts';
import { refreshChannel } from '../../server/channels/refresh-channel.ts';
import type { Context } from '../../server/context.ts';
import { beginSend } from '../../server/deliveries/begin-send.ts';
import { claimDelivery } from '../../server/deliveries/claim-delivery.ts';
import { expireLeases } from '../../server/deliveries/expire-leases.ts';
import { freezeParts, readParts } from '../../server/deliveries/freeze-parts.ts';
import { settleSend } from '../../server/deliveries/settle-send.ts';
import { storePrepared } from '../../server/deliveries/store-prepared.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { startFakePds, type FakePds, type WriteFault } from '../support/fakes/fake-pds.ts';
import { openTestContext } from '../support/test-context.ts';
import { createFakeChannel } from './fake-channel.ts';
import { createPublishingTeam, readDelivery, scheduleTestDelivery, type PublishingTeam } from './fixtures.ts';
import { attachPictures } from './picture-fixtures.ts';

let fake: FakePds;
let context: Context;
let team: PublishingTeam;
let channelId: string;

beforeAll(async () => {
  fake = await startFakePds();
  context = await openTestContext({ ALLOW_PRIVATE_HOSTS: new URL(fake.url).host });
  team = await createPublishingTeam(context);
});
beforeEach(async () => {
  fake.records.length = 0;
  fake.calls.length = 0;
  fake.accessJwt = 'access-token';
  fake.refreshJwt = 'refresh-token';
  fake.onWrite = commits;
  channelId = await createFakeChannel(context, team, fake);
});
afterAll(async () => {
  await context[Symbol.asyncDispose]();
  await fake[Symbol.asyncDispose]();
});

const commits: WriteFault = async (write) => {
  write.commit();
  return 'answer';
};
const answers = (status: number, body: object = {}, headers?: Record<string, string>): WriteFault => {
  return async () => ({ status, body: JSON.stringify(body), ...(headers && { headers }) });
};

const schedule = (parts = ['Hello there']) => scheduleTestDelivery(context, team, { channelId, parts });
const publish = (id: string) => publishDelivery(context, id);
/** As if its time had come. */
const arrive = (id: string) =>
  context.db
    .$executeRaw`update delivery set not_before = clock_timestamp(), due_at = clock_timestamp() where id = ${id}`;
const outcomesOf = async (id: string) => {
  const { attempts } = await readDelivery(context, id);
  return attempts.toSorted((a, b) => a.fence - b.fence || a.partNo - b.partNo).map(({ outcome }) => outcome);
};
const waitSeconds = async (id: string) => {
  const [row] = await context.db.$queryRaw<{ seconds: number }[]>`
    select extract(epoch from not_before - clock_timestamp())::float8 as seconds from delivery where id = ${id}`;
  return row!.seconds;
};

describe('an answer of the network', () => {
  test.each([
    ['a rejection fails it', answers(400, { error: 'InvalidRequest' }), 'failed', 'refused', 'rejected'],
    [
      'a deactivated account holds it',
      answers(401, { error: 'AccountDeactivated' }),
      'held',
      'channel_blocked',
      'blocked',
    ],
    ['a gateway error is unclear', answers(502), 'unknown', null, 'ambiguous'],
    [
      'a server error is unclear',
      answers(500, { error: 'InternalServerError' }),
      'unknown',
      null,
      'ambiguous',
    ],
    ['an unlisted refusal is unclear', answers(418, { error: 'Teapot' }), 'unknown', null, 'ambiguous'],
    ['an answer that cannot be read is unclear', answers(200, { ok: true }), 'unknown', null, 'ambiguous'],
    ['a cut connection is unclear', async () => 'cut' as const, 'unknown', null, 'ambiguous'],
  ] satisfies [string, WriteFault, string, string | null, string][])(
    '%s',
    async (_, fault, state, code, outcome) => {
      fake.onWrite = fault;
      const { id } = await schedule();
      await publish(id);
      expect(await readDelivery(context, id)).toMatchObject({ state, problemCode: code, remoteId: null });
      expect(await outcomesOf(id)).toEqual([outcome]);
      expect(await waitSeconds(id)).toBeGreaterThan(state === 'unknown' ? 3 : -60);
    },
  );

  test('a rate limit waits as long as the network says', async () => {
    fake.onWrite = answers(429, { error: 'RateLimitExceeded' }, { 'retry-after': '120' });
    const { id } = await schedule();
    await publish(id);
    expect(await readDelivery(context, id)).toMatchObject({
      state: 'scheduled',
      problemCode: 'rate_limited',
      retryCount: 0,
    });
    const seconds = await waitSeconds(id);
    expect(seconds).toBeGreaterThan(115);
    expect(seconds).toBeLessThan(125);
  });

  test('what cannot be reached is tried again, later each time, and then fails', async () => {
    const { id } = await schedule();
    await pointTo('http://127.0.0.1:1');
    const pauses: number[] = [];
    for (let tries = 0; tries < 6; tries += 1) {
      await publish(id);
      const { state } = await readDelivery(context, id);
      if (state === 'scheduled') pauses.push(await waitSeconds(id));
      await arrive(id);
    }
    expect(await readDelivery(context, id)).toMatchObject({
      state: 'failed',
      problemCode: 'network_unreachable',
    });
    expect(pauses).toHaveLength(5);
    expect(pauses.every((pause, index) => index === 0 || pause > pauses[index - 1]!)).toBe(true);
    expect(await outcomesOf(id)).toEqual(Array(6).fill('not_sent'));
  });
});

async function pointTo(serviceUrl: string): Promise<void> {
  const credentials = JSON.stringify({ serviceUrl, accessJwt: 'access-token', refreshJwt: 'refresh-token' });
  const sealed = sealCredentials(context, { teamId: team.team.id, channelId }, credentials);
  await context.db.channel.update({ where: { id: channelId }, data: { credentials: sealed } });
}

describe('an unclear outcome', () => {
  const cutsAfterCommit: WriteFault = async (write) => {
    write.commit();
    return 'cut';
  };

  test('is found by reading back', async () => {
    fake.onWrite = cutsAfterCommit;
    const { id } = await schedule();
    await publish(id);
    await publish(id);
    expect(await outcomesOf(id)).toEqual(['ambiguous']);
    await arrive(id);
    await publish(id);
    expect(await readDelivery(context, id)).toMatchObject({
      state: 'published',
      remoteId: fake.records[0]!.uri,
    });
    expect(await outcomesOf(id)).toEqual(['ambiguous', 'found']);
  });

  test('is sent again, with the same bytes, only after two empty reads a quarantine apart', async () => {
    fake.onWrite = async () => 'cut';
    const { id } = await schedule();
    await publish(id);
    const frozen = (await readDelivery(context, id)).parts;
    await arrive(id);
    await publish(id);
    expect(await readDelivery(context, id)).toMatchObject({ state: 'unknown', emptyReadCount: 1 });
    expect(await waitSeconds(id)).toBeGreaterThan(3);
    fake.onWrite = commits;
    await arrive(id);
    await publish(id);
    const after = await readDelivery(context, id);
    expect(after).toMatchObject({ state: 'published', resendCount: 1 });
    expect(after.parts[0]).toMatchObject({ key: frozen[0]!.key, frozenAt: frozen[0]!.frozenAt });
    expect(fake.records).toHaveLength(1);
    expect(await outcomesOf(id)).toEqual(['ambiguous', 'not_found', 'not_found', 'published']);
  });

  test('is sent again with its picture, though the upload is forgotten by then', async () => {
    const delivery = await schedule();
    await attachPictures(context, team, delivery, ['A quay']);
    const { id } = delivery;
    fake.onWrite = async () => 'cut';
    await publish(id);
    fake.blobs.clear();
    fake.onWrite = commits;
    for (let look = 0; look < 2; look += 1) {
      await arrive(id);
      await publish(id);
    }
    expect(await outcomesOf(id)).toEqual(['ambiguous', 'not_found', 'not_found', 'published']);
    expect(fake.records).toHaveLength(1);
  });

  test('goes to a person when it stays unclear', async () => {
    fake.onWrite = async () => 'cut';
    const { id } = await schedule();
    for (let tries = 0; tries < 12; tries += 1) {
      await publish(id);
      if ((await readDelivery(context, id)).state === 'needs_attention') break;
      await arrive(id);
    }
    expect(await readDelivery(context, id)).toMatchObject({
      state: 'needs_attention',
      problemCode: 'outcome_unknown',
    });
    expect((await outcomesOf(id)).filter((outcome) => outcome === 'ambiguous')).toHaveLength(3);
  });

  test('of a late answer: it was read back meanwhile, and the answer changes nothing', async () => {
    const { id } = await schedule();
    const delivery = await bringToSending(id);
    await endLease(id);
    expect(await expireLeases(context)).toBe(1);
    const sent = { remoteId: 'at://late', remoteUrl: 'https://late.example' };
    const result = { partNo: 1, outcome: 'published', evidence: {}, sent, waitSeconds: 0, isCounted: false };
    expect(await settleSend(context, delivery, { ...result, verdict: 'published' })).toBeNull();
    expect(await readDelivery(context, id)).toMatchObject({ state: 'unknown', remoteId: null });
    expect(await outcomesOf(id)).toEqual(['interrupted']);
  });
});

describe('two workers', () => {
  test('of many that claim at once one gets it', async () => {
    const { id } = await schedule();
    const claims = await Promise.all(Array.from({ length: 20 }, () => claimDelivery(context, id)));
    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  test('of many that publish at once one sends', async () => {
    const { id } = await schedule();
    await Promise.all(Array.from({ length: 20 }, () => publish(id)));
    expect(await readDelivery(context, id)).toMatchObject({ state: 'published', fence: 1 });
    expect(fake.calls.filter((call) => call.endsWith('putRecord'))).toHaveLength(1);
  });

  test('a worker that returns after its lease may neither prepare nor send nor settle', async () => {
    const { id } = await schedule();
    const zombie = (await claimDelivery(context, id))!;
    const network = context.networks.get('bluesky')!;
    await freezeParts(context, zombie, network);
    const prepared = { facets: [] };
    const stored = await storePrepared(context, zombie, [{ partNo: 1, prepared }]);
    expect(stored).toMatchObject([{ partNo: 1, prepared, sent: null }]);
    expect(stored).toEqual(await readParts(context, id));
    await endLease(id);
    const intent = { partNo: 1, payloadHash: new Uint8Array(32), idempotencyKey: 'key' };
    expect(await beginSend(context, zombie, intent, null)).toBe('lost');
    await publish(id);
    expect(await readDelivery(context, id)).toMatchObject({ state: 'published', fence: 2 });
    expect(await beginSend(context, zombie, intent, null)).toBe('lost');
    expect(await storePrepared(context, zombie, [{ partNo: 1, prepared: null }])).toBeNull();
    const result = { partNo: 1, outcome: 'rejected', evidence: {}, waitSeconds: 0, isCounted: false };
    expect(await settleSend(context, zombie, { ...result, verdict: 'stopped' })).toBeNull();
    expect(fake.records).toHaveLength(1);
  });

  test('what kills its worker while it is prepared goes to a person in the end', async () => {
    const { id } = await schedule();
    for (let deaths = 0; deaths < 3; deaths += 1) {
      expect(await claimDelivery(context, id, { isAlone: true })).toMatchObject({ state: 'claimed' });
      await endLease(id);
    }
    await publishDelivery(context, id, { isAlone: true });
    expect(await readDelivery(context, id)).toMatchObject({
      state: 'needs_attention',
      problemCode: 'worker_died',
    });
  });
});

describe('a thread', () => {
  test('goes on at the part that failed, never from the first', async () => {
    fake.onWrite = async (write) => {
      if (write.text === 'two') return 'cut';
      write.commit();
      return 'answer';
    };
    const { id } = await schedule(['one', 'two', 'three']);
    await publish(id);
    expect((await readDelivery(context, id)).state).toBe('unknown');
    fake.onWrite = commits;
    for (let tries = 0; tries < 2; tries += 1) {
      await arrive(id);
      await publish(id);
    }
    expect(await readDelivery(context, id)).toMatchObject({
      state: 'published',
      remoteId: fake.records[0]!.uri,
    });
    expect(fake.records.map(({ value }) => value.text)).toEqual(['one', 'two', 'three']);
    expect(fake.records[2]!.value.reply).toMatchObject({ parent: { uri: fake.records[1]!.uri } });
  });

  test('of which a part is live needs a person when the network refuses the next', async () => {
    fake.onWrite = async (write) => {
      if (write.text === 'two') return { status: 400, body: '{"error":"InvalidRequest"}' };
      write.commit();
      return 'answer';
    };
    const { id } = await schedule(['one', 'two']);
    await publish(id);
    expect(await readDelivery(context, id)).toMatchObject({
      state: 'needs_attention',
      problemCode: 'thread_incomplete',
    });
  });
});

describe('expired credentials', () => {
  test('are renewed once and the post goes out in the same run', async () => {
    fake.accessJwt = 'new-access-token';
    const { id } = await schedule();
    await publish(id);
    expect(await readDelivery(context, id)).toMatchObject({ state: 'published' });
    expect(await outcomesOf(id)).toEqual(['auth_expired', 'published']);
  });

  test('that cannot be renewed hold the post and the channel asks to be linked again', async () => {
    fake.accessJwt = 'new-access-token';
    fake.refreshJwt = 'another-refresh-token';
    const { id } = await schedule();
    await publish(id);
    expect(await readDelivery(context, id)).toMatchObject({
      state: 'held',
      problemCode: 'channel_needs_reconnect',
    });
    const channel = await context.db.channel.findUniqueOrThrow({ where: { id: channelId } });
    expect(channel.status).toBe('needs_reconnect');
  });

  test('are asked for once, however many workers need them', async () => {
    const { credentials } = await context.db.channel.findUniqueOrThrow({ where: { id: channelId } });
    const network = context.networks.get('bluesky')!;
    const stale = { teamId: team.team.id, channelId, sealedCredentials: credentials };
    fake.accessJwt = 'new-access-token';
    const renewed = await Promise.all(
      Array.from({ length: 8 }, () => refreshChannel(context, network, stale)),
    );
    expect(fake.calls.filter((call) => call.endsWith('refreshSession'))).toHaveLength(1);
    expect(new Set(renewed.map((access) => access.credentials)).size).toBe(1);
  });
});

async function bringToSending(id: string) {
  const delivery = (await claimDelivery(context, id))!;
  await freezeParts(context, delivery, context.networks.get('bluesky')!);
  await storePrepared(context, delivery, [{ partNo: 1, prepared: { facets: [] } }]);
  const intent = { partNo: 1, payloadHash: new Uint8Array(32), idempotencyKey: 'key' };
  expect(await beginSend(context, delivery, intent, null)).toBe('sending');
  return delivery;
}

async function endLease(id: string): Promise<void> {
  await context.db
    .$executeRaw`update delivery set lease_until = clock_timestamp() - interval '1 second' where id = ${id}`;
}

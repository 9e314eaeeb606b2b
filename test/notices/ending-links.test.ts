import { afterAll, beforeAll, expect, test } from 'vitest';

import { findChannelsInNeed } from '../../server/channels/find-channels-in-need.ts';
import { sealCredentials } from '../../server/channels/credentials.ts';
import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import type { Network } from '../../server/networks/network.ts';
import { tellEndingLinks } from '../../server/notices/tell-ending-links.ts';
import { createPublishingTeam, type PublishingTeam } from '../publishing/fixtures.ts';
import { openTestContext } from '../support/test-context.ts';

const DAY_SECONDS = 86_400;

let context: Context;
let team: PublishingTeam;
beforeAll(async () => {
  context = await openTestContext();
  team = await createPublishingTeam(context);
});
afterAll(() => context[Symbol.asyncDispose]());

async function addChannel(network: string, endsInDays: number, status = 'ok'): Promise<string> {
  const id = newId('channel');
  const key = { teamId: team.team.id, channelId: id };
  await context.db.channel.create({
    data: {
      ...{ id, teamId: team.team.id, network, handle: id.slice(-6), remoteAccountId: id, status },
      credentials: sealCredentials(context, key, '{"refresh":null}'),
    },
  });
  await context.db.$executeRaw`
    update channel set token_expires_at = clock_timestamp() + make_interval(days => ${endsInDays}::int) where id = ${id}`;
  return id;
}

/** The same context with networks that renew, do not, and do so long before. */
function withNetworks(): Context {
  const playground = context.networks.get('playground')!;
  const refresh: Network['refresh'] = async () => ({ credentials: '{}' });
  const networks = new Map<string, Network>([
    ['renewing', { ...playground, refresh, canRenew: () => true }],
    ['lasting', { ...playground, refresh, canRenew: () => false }],
    ['early', { ...playground, refresh, refreshAheadSeconds: 30 * DAY_SECONDS }],
    ['without', playground],
  ]);
  return { ...context, networks };
}

test('tells once of a link that ends within a week and does not renew itself', async () => {
  const ending = [
    await addChannel('lasting', 6),
    await addChannel('early', 5),
    await addChannel('without', 4),
  ];
  await addChannel('renewing', 3);
  await addChannel('lasting', 8);
  await addChannel('lasting', -1);
  const broken = await addChannel('lasting', 2, 'needs_reconnect');
  await tellEndingLinks(withNetworks());
  await tellEndingLinks(withNetworks());
  const told = await context.db.notice.findMany({ where: { kind: 'channel.link_ends' } });
  expect(told.map(({ target }) => target).toSorted()).toEqual(ending.toSorted());
  expect(await findChannelsInNeed(context, team.caller)).toMatchObject([
    { id: broken, need: 'needs_reconnect', endsAt: null },
    { id: ending[2], need: 'link_ends' },
    { id: ending[1], need: 'link_ends' },
    { id: ending[0], need: 'link_ends', endsAt: expect.any(Date) as Date },
  ]);
});

test('a channel that was linked again is in need no more, and is told of anew before its next end', async () => {
  const id = await addChannel('lasting', 3);
  await tellEndingLinks(withNetworks());
  const isInNeed = async () => (await findChannelsInNeed(context, team.caller)).some((one) => one.id === id);
  expect(await isInNeed()).toBe(true);
  await context.db
    .$executeRaw`update channel set token_expires_at = clock_timestamp() + interval '60 days' where id = ${id}`;
  expect(await isInNeed()).toBe(false);
  await context.db
    .$executeRaw`update notice set created_at = created_at - interval '56 days' where target = ${id}`;
  await context.db
    .$executeRaw`update channel set token_expires_at = clock_timestamp() + interval '6 days' where id = ${id}`;
  await tellEndingLinks(withNetworks());
  expect(await isInNeed()).toBe(true);
  expect(await context.db.notice.count({ where: { target: id } })).toBe(2);
});

import type { PoolClient } from 'pg';
import { expect, test, vi } from 'vitest';

import { claimDelivery } from '../../server/deliveries/claim-delivery.ts';
import { scanDue } from '../../server/deliveries/scan-due.ts';
import { startDueScan } from '../../workers/due-scan.ts';
import { openTestContext } from '../support/test-context.ts';
import { createPublishingTeam, readDelivery, scheduleTestDelivery } from './fixtures.ts';

const lost = () => new Error('terminating connection due to administrator command');

test('a connection that says twice how it ended, or after it was given back, is given back once', async () => {
  await using context = await openTestContext();
  const listening: PoolClient[] = [];
  const findListening = (client: PoolClient) =>
    client.listenerCount('notification') > 0 && !listening.includes(client) && listening.push(client);
  const taken = new Set<PoolClient>();
  context.pool.on('acquire', (client) => taken.add(client));
  const nth = (count: number) =>
    vi.waitFor(
      () => {
        taken.forEach(findListening);
        expect(listening).toHaveLength(count);
      },
      { timeout: 10_000 },
    );
  const scan = startDueScan(context, () => Promise.resolve());
  await nth(1);
  listening[0]!.emit('error', lost());
  listening[0]!.emit('error', lost());
  await nth(2);
  await scan.stop();
  listening[1]!.emit('error', lost());
  expect(context.pool.totalCount - context.pool.idleCount).toBe(0);
});

test('what a dead worker had begun goes on at once, before an older one that it had passed by', async () => {
  await using context = await openTestContext();
  const { db } = context;
  const team = await createPublishingTeam(context);
  const older = await scheduleTestDelivery(context, team, { dueInSeconds: -60 });
  const begun = await scheduleTestDelivery(context, team, { dueInSeconds: -30 });
  await db.$executeRaw`update delivery set not_before = clock_timestamp() + interval '1 minute' where id = ${older.id}`;
  expect(await claimDelivery(context, begun.id)).toMatchObject({ state: 'claimed', fence: 1 });
  await db.$executeRaw`update delivery set not_before = clock_timestamp() where id = ${older.id}`;
  expect(await scanDue(context, 10)).toMatchObject({ due: [] });
  await db.$executeRaw`update delivery set lease_until = clock_timestamp() where id = ${begun.id}`;
  expect(await claimDelivery(context, older.id)).toBeNull();
  expect(await scanDue(context, 10)).toMatchObject({ due: [{ deliveryId: begun.id }] });
  expect(await claimDelivery(context, begun.id)).toMatchObject({ state: 'claimed', fence: 2 });
});

test('what a network told one delivery stays with it; the others of its channel hear that it takes no more', async () => {
  await using context = await openTestContext();
  const { db } = context;
  const team = await createPublishingTeam(context);
  const [told, other] = [
    await scheduleTestDelivery(context, team),
    await scheduleTestDelivery(context, team),
  ];
  const problem = { problemCode: 'rate_limited', problemMessage: 'Its credits are used up.' };
  await db.delivery.update({ where: { id: told.id }, data: problem });
  const rateLimitedUntil = new Date(Date.now() + 60_000);
  await db.channel.update({ where: { id: team.playgroundChannelId }, data: { rateLimitedUntil } });
  expect(await scanDue(context, 10)).toMatchObject({ due: [] });
  expect(await readDelivery(context, told.id)).toMatchObject({ ...problem, notBefore: rateLimitedUntil });
  expect(await readDelivery(context, other.id)).toMatchObject({
    problemMessage: expect.stringContaining('takes no more from this account') as string,
  });
});

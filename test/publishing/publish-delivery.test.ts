import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import type { Context } from '../../server/context.ts';
import { openTestContext } from '../support/test-context.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { createPublishingTeam, readDelivery, scheduleTestDelivery, type PublishingTeam } from './fixtures.ts';

let context: Context;
let team: PublishingTeam;

beforeAll(async () => {
  context = await openTestContext();
  team = await createPublishingTeam(context);
});
afterAll(() => context[Symbol.asyncDispose]());

test('a due post is published with its attempt, remote id and link', async () => {
  const { id } = await scheduleTestDelivery(context, team, { parts: ['Hello world'] });
  await publishDelivery(context, id);
  const delivery = await readDelivery(context, id);
  expect(delivery).toMatchObject({ state: 'published', problemCode: null, fence: 1 });
  const [post] = await context.db.playgroundPost.findMany({ where: { deliveryId: id } });
  expect(post).toMatchObject({ text: 'Hello world', id: delivery.remoteId });
  expect(delivery.remoteUrl).toBe(`http://127.0.0.1:3000/playground/${post!.id}`);
  expect(delivery.attempts).toMatchObject([{ kind: 'send', partNo: 1, fence: 1, outcome: 'published' }]);
});

test('a post that is known to be live stays so when the database is away for a moment', async () => {
  const { id } = await scheduleTestDelivery(context, team);
  await loseNextSettlement();
  await publishDelivery(context, id);
  const delivery = await readDelivery(context, id);
  expect(delivery).toMatchObject({ state: 'published', remoteId: expect.any(String) as string });
  expect(delivery.attempts).toMatchObject([{ kind: 'send', outcome: 'published' }]);
});

/** As the owner of the tables. What is rolled back does not turn a sequence back, so that only the first is lost. */
async function loseNextSettlement(): Promise<void> {
  const client = await context.pool.connect();
  await client.query(`reset role;
    create sequence settlements;
    create function lose_first_settlement() returns trigger language plpgsql security definer set search_path = public as $$
    begin
      if nextval('settlements') = 1 then raise exception 'away'; end if;
      return new;
    end $$;
    create trigger first_settlement_is_lost before update on delivery for each row
      when (old.state = 'sending') execute function lose_first_settlement();`);
  client.release(true);
}

test('a thread goes out part by part under one fence', async () => {
  const { id } = await scheduleTestDelivery(context, team, { parts: ['one', 'two', 'three'] });
  await publishDelivery(context, id);
  const delivery = await readDelivery(context, id);
  expect(delivery).toMatchObject({ state: 'published', fence: 1 });
  const posts = await context.db.playgroundPost.findMany({
    where: { deliveryId: id },
    orderBy: { partNo: 'asc' },
  });
  expect(posts.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  expect(delivery.remoteId).toBe(posts[0]!.id);
  expect(delivery.attempts.map(({ outcome }) => outcome)).toEqual(['published', 'published', 'published']);
});

test('what is not due yet is left alone', async () => {
  const { id } = await scheduleTestDelivery(context, team, { dueInSeconds: 60 });
  await publishDelivery(context, id);
  expect(await readDelivery(context, id)).toMatchObject({ state: 'scheduled', fence: 0 });
});

test('what has been too late is missed', async () => {
  const { id } = await scheduleTestDelivery(context, team, { dueInSeconds: -3600 });
  await publishDelivery(context, id);
  expect(await readDelivery(context, id)).toMatchObject({ state: 'missed', problemCode: 'too_late' });
  expect(await context.db.playgroundPost.count({ where: { deliveryId: id } })).toBe(0);
});

test('deliveries of one channel go out one after the other, also when their hints come at once', async () => {
  const ids: string[] = [];
  for (let index = 0; index < 8; index += 1) ids.push((await scheduleTestDelivery(context, team)).id);
  // A guard that met another one gives way for a moment; then the due scan hints again, as each round here does.
  await vi.waitFor(
    async () => {
      await Promise.all(ids.map((id) => publishDelivery(context, id)));
      expect(await context.db.delivery.count({ where: { id: { in: ids }, state: 'published' } })).toBe(8);
    },
    { timeout: 10_000 },
  );
  expect(await context.db.attempt.count({ where: { deliveryId: { in: ids }, outcome: 'published' } })).toBe(
    8,
  );
  expect(await context.db.playgroundPost.count({ where: { deliveryId: { in: ids } } })).toBe(8);
});

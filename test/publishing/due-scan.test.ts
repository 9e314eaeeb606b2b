import type { PoolClient } from 'pg';
import { expect, test, vi } from 'vitest';

import { startDueScan } from '../../workers/due-scan.ts';
import { openTestContext } from '../support/test-context.ts';

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

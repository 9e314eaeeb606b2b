// The server of a Bluesky account is anybody's, and may take its time over new tokens.
import { expect, test, vi } from 'vitest';

import { renewAhead } from '../../server/channels/renew-ahead.ts';
import { sealCredentials } from '../../server/channels/credentials.ts';
import { openChannel } from '../../server/channels/channel-access.ts';
import { newId } from '../../server/ids.ts';
import { startFakeServer } from '../support/fakes/fake-server.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';

const session = (did: string) => ({ did, handle: 'a.example', accessJwt: 'a.b.c', refreshJwt: 'a.b.c' });

test('a team whose servers give no tokens takes neither the connections nor the turns of the others', async () => {
  const held = Promise.withResolvers<void>();
  await using slow = await startFakeServer(async () => {
    await held.promise;
    return { status: 503 };
  });
  let quickDid = '';
  await using quick = await startFakeServer(() => ({ status: 200, body: session(quickDid) }));
  await using context = await openTestContext({
    ALLOW_PRIVATE_HOSTS: [slow, quick].map(({ url }) => new URL(url).host).join(),
    DATABASE_CONNECTIONS: '6',
    LOG_LEVEL: 'silent',
  });
  const addStale = async (owner: TestOwner, serviceUrl: string) => {
    const channelId = newId('channel');
    const key = { teamId: owner.team.id, channelId };
    const remoteAccountId = `did:plc:${channelId.slice(-24)}`;
    const opened = JSON.stringify({ serviceUrl, accessJwt: 'a.b.c', refreshJwt: 'a.b.c' });
    const credentials = sealCredentials(context, key, opened);
    const row = { teamId: owner.team.id, network: 'bluesky', handle: 'a.example', remoteAccountId };
    const tokenExpiresAt = new Date(Date.now() - 30 * 86_400_000);
    await context.db.channel.create({ data: { id: channelId, ...row, credentials, tokenExpiresAt } });
    const access = { ...key, remoteAccountId, handle: 'a.example', grantedScopes: [] };
    return { ...access, sealedCredentials: credentials, isTokenStale: true };
  };
  const hostile = await createOwner(context);
  const stale = await Promise.all(Array.from({ length: 10 }, () => addStale(hostile, slow.url)));
  const network = context.networks.get('bluesky')!;
  const waiting = stale.map((channel) => openChannel(context, channel, network).catch(() => 'refused'));
  await vi.waitFor(() => expect(slow.journal.length).toBeGreaterThan(0));

  const other = await addStale(await createOwner(context), quick.url);
  quickDid = other.remoteAccountId;
  const renewing = renewAhead(context, { isEachOnTurn: true });
  await vi.waitFor(() => expect(quick.journal.length).toBeGreaterThan(0), { timeout: 5000 });
  expect(slow.journal.length).toBeLessThanOrEqual(3);
  held.resolve();
  await renewing;
  expect(await Promise.all(waiting)).toEqual(stale.map(() => 'refused'));
}, 30_000);

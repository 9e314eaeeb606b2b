import { expect, test } from 'vitest';

import { publishDelivery } from '../../workers/publish-delivery.ts';
import { createPublishingTeam, readDelivery, scheduleTestDelivery } from '../publishing/fixtures.ts';
import { openTestContext } from '../support/test-context.ts';

test('the Playground tells a channel the numbers of its own posts, whatever address somebody recorded', async () => {
  await using context = await openTestContext();
  const [team, stranger] = [await createPublishingTeam(context), await createPublishingTeam(context)];
  const { id } = await scheduleTestDelivery(context, team);
  await publishDelivery(context, id);
  const remoteId = (await readDelivery(context, id)).remoteId!;
  const measure = async (channelId: string) => {
    const access = { channelId, remoteAccountId: channelId, handle: 'playground', credentials: undefined };
    const channel = { ...access, grantedScopes: [] };
    const call = { channel, fetch: context.fetch, signal: AbortSignal.timeout(5000) };
    return [...(await context.networks.get('playground')!.measure!(call, [remoteId])).keys()];
  };
  expect(await measure(team.playgroundChannelId)).toEqual([remoteId]);
  expect(await measure(stranger.playgroundChannelId)).toEqual([]);
});

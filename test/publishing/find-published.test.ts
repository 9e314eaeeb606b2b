import { expect, test } from 'vitest';

import { addPracticeChannel } from '../../server/channels/add-practice-channel.ts';
import { publishPost } from '../../server/deliveries/publish-post.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { findPublished } from '../../server/posts/find-published.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { openTestContext } from '../support/test-context.ts';
import { createPublishingTeam } from './fixtures.ts';

test('what went out is told in the words of each channel', async () => {
  await using context = await openTestContext();
  const team = await createPublishingTeam(context);
  const { channelId } = await addPracticeChannel(context, team.caller, { imitates: 'x' });
  const { postId, rev } = await createPost(context, team.caller, {
    campaignId: team.campaignId,
    channelIds: [team.playgroundChannelId, channelId],
    text: 'For everybody',
    overrides: [{ channelId, text: 'For X alone' }],
  });
  await publishPost(context, team.caller, { postId, expectedRev: rev });
  const deliveries = await context.db.delivery.findMany({ where: { postId } });
  for (const { id } of deliveries) await publishDelivery(context, id);

  const published = await findPublished(context, team.caller, 10);
  expect(published.map(({ excerpt }) => excerpt).toSorted()).toEqual(['For X alone', 'For everybody']);
});

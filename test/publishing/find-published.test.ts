import { expect, test } from 'vitest';

import { addPracticeChannel } from '../../server/channels/add-practice-channel.ts';
import { publishPost } from '../../server/deliveries/publish-post.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { findPublished } from '../../server/posts/find-published.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { openTestContext } from '../support/test-context.ts';
import { createPublishingTeam } from './fixtures.ts';

test('what went out is told once, or in the words of each channel', async () => {
  await using context = await openTestContext();
  const team = await createPublishingTeam(context);
  const { channelId } = await addPracticeChannel(context, team.caller, { imitates: 'x' });
  const same = await addPracticeChannel(context, team.caller, { imitates: 'mastodon' });
  const { postId, rev } = await createPost(context, team.caller, {
    campaignId: team.campaignId,
    channelIds: [team.playgroundChannelId, channelId, same.channelId],
    text: 'For everybody',
    overrides: [{ channelId, text: 'For X alone' }],
  });
  await publishPost(context, team.caller, { postId, expectedRev: rev });
  const deliveries = await context.db.delivery.findMany({ where: { postId } });
  for (const { id } of deliveries) await publishDelivery(context, id);

  const published = await findPublished(context, team.caller, 10);
  const told = published.map(({ excerpt, places }) =>
    [excerpt, ...places.map(({ imitates }) => imitates ?? 'nothing').toSorted()].join(', '),
  );
  expect(told.toSorted()).toEqual(['For X alone, x', 'For everybody, mastodon, nothing']);
});

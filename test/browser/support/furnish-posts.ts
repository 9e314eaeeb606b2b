import type { Context } from '../../../server/context.ts';
import { approvePost } from '../../../server/deliveries/approve-post.ts';
import { schedulePost } from '../../../server/deliveries/schedule-post.ts';
import { newId } from '../../../server/ids.ts';
import { createPost } from '../../../server/posts/create-post.ts';
import { discardPost } from '../../../server/posts/discard-post.ts';
import { getPost } from '../../../server/posts/get-post.ts';
import { updatePost } from '../../../server/posts/update-post.ts';
import { connectClient, scopesOf } from '../../domain/connect-client.ts';
import { addPicture } from '../../domain/draft-scene.ts';
import type { Scene } from '../../http/support/scene.ts';
import type { TestOwner } from '../../support/test-context.ts';
import { furnishNumbers } from './furnish-numbers.ts';

/** Posts with pictures that are cut or not described, a post that changed since its approval, and one in the trash. */
export async function furnishPosts(context: Context, scene: Scene): Promise<Record<string, string>> {
  const { owner, campaignId, channelId } = scene;
  const { teamId, personId } = owner;
  const team = { team: { id: teamId }, person: { id: personId }, caller: owner } as TestOwner;
  const { caller } = await connectClient(context, team, scopesOf('schedule'));
  const practiceId = newId('channel');
  await context.db.channel.create({
    data: {
      ...{ id: practiceId, teamId, network: 'playground', handle: 'practice', remoteAccountId: practiceId },
      imitates: 'instagram',
    },
  });
  const altText = 'Rows of fresh loaves on a wooden table by the window';
  const wide = await addPicture(context, team, { altText, colour: '#996633', width: 2400, height: 900 });
  const bare = await addPicture(context, team, { altText: '' });
  const draft = async (text: string) => {
    const content = { campaignId, channelIds: [channelId, practiceId], text, mediaIds: [wide, bare] };
    return (await createPost(context, caller, content)).postId;
  };
  const changed = await draft('Fresh bread from seven this Saturday.');
  await schedulePost(context, caller, { postId: changed, expectedRev: 1, at: '2036-12-01T09:00' });
  const { contentHash } = await getPost(context, owner, { postId: changed });
  await approvePost(context, owner, { postId: changed, rev: 1, contentHash });
  const changes = { text: 'Fresh bread from eight this Saturday.', mediaIds: [wide] };
  await updatePost(context, caller, { postId: changed, expectedRev: 1, changes });
  const tooLong = await draft('Far too long for where it goes. '.repeat(30));
  const thrownAway = await draft('Thrown away');
  await discardPost(context, caller, { postId: thrownAway, expectedRev: 1 });
  return {
    changed: `/posts/${changed}/approve`,
    'too-long': `/posts/${tooLong}`,
    edit: `/posts/${changed}/edit`,
    'edit-too-long': `/posts/${tooLong}/edit`,
    history: `/posts/${changed}/history`,
    'history-earlier': `/posts/${changed}/history?from=2&to=1`,
    'post-new': `/posts/new?campaign=${campaignId}`,
    'campaign-new': '/campaigns/new',
    'campaign-edit': `/campaigns/${campaignId}/edit`,
    'campaign-column': `/campaigns/${campaignId}?column=drafts`,
    move: `/posts/${changed}/move`,
    ...(await furnishNumbers(context, scene)),
    calendar: '/calendar',
    'calendar-week': '/calendar?view=week',
    'calendar-agenda': '/calendar?view=agenda',
    'calendar-clocks': '/calendar?from=2036-10-01',
    trash: '/trash',
  };
}

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { newId } from '../../server/ids.ts';
import { addPicture } from '../../server/media/add-picture.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { previewPost } from '../../server/posts/preview-post.ts';
import { createPublishingTeam, type PublishingTeam } from '../publishing/fixtures.ts';
import { openTestContext } from '../support/test-context.ts';
import { photo } from './pictures.ts';

let context: Context;
let team: PublishingTeam;
let mediaId: string;

beforeAll(async () => {
  context = await openTestContext();
  team = await createPublishingTeam(context);
  const bytes = new Uint8Array(await photo(640, 480));
  ({ id: mediaId } = await addPicture(context, team.caller, { source: 'upload', bytes, altText: 'A hill' }));
});
afterAll(() => context[Symbol.asyncDispose]());

async function draft(channel: { network: string; imitates?: string }, mediaIds: string[]) {
  const id = newId('channel');
  const account = { handle: id.slice(-10), remoteAccountId: id };
  await context.db.channel.create({ data: { id, teamId: team.team.id, ...channel, ...account } });
  const text = `Look at this ${id}`;
  const { campaignId } = team;
  const { postId, rev } = await createPost(context, team.caller, {
    campaignId,
    channelIds: [id],
    text,
    mediaIds,
  });
  const { channels } = await previewPost(context, team.caller, { postId });
  const rules = channels[0]!.problems
    .filter(({ severity }) => severity === 'error')
    .map(({ ruleId }) => ruleId);
  const at = new Date(Date.now() + 3600_000).toISOString();
  const scheduled = schedulePost(context, team.caller, { postId, expectedRev: rev, at });
  return { rules, scheduled };
}

test.each(['threads', 'instagram'])(
  'a picture for %s is refused before it is scheduled where networks cannot fetch it, and the setting is named',
  async (network) => {
    const { rules, scheduled } = await draft({ network }, [mediaId]);
    expect(rules).toEqual(['public_address_missing']);
    await expect(scheduled).rejects.toMatchObject({
      details: {
        code: 'picture_breaks_rule',
        ruleId: 'public_address_missing',
        message: expect.stringContaining('PUBLIC_URL'),
      },
    });
  },
);

test('text alone, practice channels and networks that take files are not concerned', async () => {
  const cases = [
    await draft({ network: 'threads' }, []),
    await draft({ network: 'playground', imitates: 'instagram' }, [mediaId]),
    await draft({ network: 'bluesky' }, [mediaId]),
  ];
  for (const { rules, scheduled } of cases) {
    expect(rules).toEqual([]);
    await expect(scheduled).resolves.toMatchObject({ state: 'scheduled' });
  }
});

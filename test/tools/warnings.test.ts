import { afterAll, beforeAll, expect, test } from 'vitest';

import { addPlaygroundChannel } from '../../server/channels/add-playground-channel.ts';
import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import type { Context } from '../../server/context.ts';
import { addPicture } from '../domain/draft-scene.ts';
import { connectClient, type TestConnection } from '../domain/connect-client.ts';
import { createOwner, openTestContext } from '../support/test-context.ts';
import { callTool } from './call-tool.ts';

let context: Context;
let connection: TestConnection;
let draft: { campaign_id: string; channel_ids: string[]; media_ids: string[] };

beforeAll(async () => {
  context = await openTestContext();
  const owner = await createOwner(context);
  connection = await connectClient(context, owner);
  const { campaignId } = await createCampaign(context, owner.caller, { name: 'Launch', goal: 'Be seen' });
  draft = {
    campaign_id: campaignId,
    channel_ids: [await addPlaygroundChannel(context.db, owner.team.id, 'x')],
    media_ids: [await addPicture(context, owner, { altText: '' })],
  };
});
afterAll(() => context[Symbol.asyncDispose]());

async function call(name: string, input: Record<string, unknown>) {
  const outcome = await callTool(context, connection.caller, name, input);
  if (outcome.isError) throw new Error(outcome.error.message);
  return outcome.output;
}

const missingAltText = { rule_id: 'alt_missing', warning: true };

test('what only warns is ok and ready, is marked as a warning, and can be scheduled', async () => {
  const created = await call('create_post', { ...draft, text: 'A quay' });
  expect(created['captions']).toMatchObject([{ ok: true, problems: [missingAltText] }]);
  const post = { post_id: created['post_id'] };
  const preview = await call('preview_post', post);
  expect(preview).toMatchObject({ ready: true, channels: [{ problems: [missingAltText] }] });
  const changes = { text: 'Another quay' };
  const updated = await call('update_post', { ...post, expected_rev: 1, changes });
  expect(updated['captions']).toMatchObject([{ ok: true, problems: [missingAltText] }]);
  const scheduled = await call('schedule_post', { ...post, expected_rev: 2, at: '2036-12-01T09:00' });
  expect(scheduled).toMatchObject({ state: 'scheduled' });
});

test('what breaks a rule is neither, beside a warning too, and cannot be scheduled', async () => {
  const created = await call('create_post', { ...draft, text: 'a'.repeat(281) });
  const problems = [{ rule_id: 'text_length' }, missingAltText];
  expect((created['captions'] as { problems: object[] }[])[0]!.problems[0]).not.toHaveProperty('warning');
  expect(created['captions']).toMatchObject([{ ok: false, problems }]);
  const post = { post_id: created['post_id'] };
  expect(await call('preview_post', post)).toMatchObject({ ready: false, channels: [{ problems }] });
  const wish = { ...post, expected_rev: 1, at: '2036-12-01T09:00' };
  expect(await callTool(context, connection.caller, 'schedule_post', wish)).toMatchObject({ isError: true });
});

import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import type { Context } from '../../server/context.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { connectClient, type TestConnection } from '../domain/connect-client.ts';
import { createOwner, type TestOwner } from '../support/test-context.ts';

/** A team with one of everything that a tool can be asked about; every text in it is the given one. */
export interface World {
  owner: TestOwner;
  connection: TestConnection;
  campaignId: string;
  channelId: string;
  /** A draft at revision 1. */
  postId: string;
}

export async function createWorld(context: Context, text: string): Promise<World> {
  const owner = await createOwner(context);
  const connection = await connectClient(context, owner);
  const { campaignId } = await createCampaign(context, owner.caller, { name: text, goal: text });
  const channelId = owner.playgroundChannelId;
  const { postId } = await createPost(context, owner.caller, { campaignId, channelIds: [channelId], text });
  return { owner, connection, campaignId, channelId, postId };
}

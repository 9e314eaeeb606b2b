import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { checkCaption, type CaptionCheck } from './check-caption.ts';
import { getPost } from './get-post.ts';

export interface PostPreview {
  postId: string;
  rev: number;
  /** No rule of any channel is broken: as it stands it can be published. */
  isReady: boolean;
  channels: ({ channelId: string; network: string; parts: string[] } & CaptionCheck)[];
}

/**
 * A dry run: the exact text per channel, as the networks count it, and every rule that it would break.
 * @throws AppError NotFound
 */
export async function previewPost(
  context: Context,
  caller: Caller,
  input: { postId: string },
): Promise<PostPreview> {
  const post = await getPost(context, caller, input);
  const channels = post.deliveries.map((delivery) => ({
    channelId: delivery.channelId,
    network: delivery.network,
    parts: delivery.parts,
    ...checkCaption(delivery, delivery.parts, []),
  }));
  return {
    postId: post.id,
    rev: post.rev,
    isReady: channels.every(({ problems }) => problems.every(({ severity }) => severity !== 'error')),
    channels,
  };
}

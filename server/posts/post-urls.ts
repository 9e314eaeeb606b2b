import type { Context } from '../context.ts';

type Origin = Pick<Context, 'publicUrl'>;

/** The post's page in the dashboard. */
export function postUrl({ publicUrl }: Origin, postId: string): string {
  return `${publicUrl}/posts/${postId}`;
}

/** Where a person says yes or no to the post. */
export function approvalUrl({ publicUrl }: Origin, postId: string): string {
  return `${publicUrl}/posts/${postId}/approve`;
}

/** Where a person settles what stopped on a channel. */
export function settlePath(postId: string, channelId: string): string {
  return `/posts/${postId}/settle/${channelId}`;
}

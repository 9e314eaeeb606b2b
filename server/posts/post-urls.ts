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

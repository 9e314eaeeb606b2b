import type { ListedPost } from '../../../views/post-list.ts';
import type { RequestedPost } from '../../deliveries/list-requested-posts.ts';

/** A draft that a person was asked about, as one of a list of posts. */
export function toWaiting(post: RequestedPost): ListedPost {
  return { ...post, state: 'awaiting_approval', when: null };
}

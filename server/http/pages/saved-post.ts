import type { PostDetails } from '../../posts/get-post.ts';
import type { PostUpdated } from '../../posts/update-post.ts';
import type { DoneCode } from '../done-notice.ts';

const ON_CALENDAR: ReadonlySet<string> = new Set(['scheduled', 'awaiting_approval', 'held']);

/** It has a time at which it is to go out. */
export function isOnCalendar({ state, dueAt }: { state: string; dueAt: Date | null }): boolean {
  return ON_CALENDAR.has(state) && dueAt !== null;
}

/** What became of an approval and of the schedule when new words were saved. */
export function toDone(
  before: PostDetails,
  { state, approvalUrl, isApprovalReset }: Pick<PostUpdated, 'state' | 'approvalUrl' | 'isApprovalReset'>,
): DoneCode {
  if (approvalUrl) return 'edited_waiting';
  if (state === 'scheduled' && before.deliveries.some(isOnCalendar)) return 'edited_scheduled';
  return isApprovalReset ? 'edited_unapproved' : 'edited';
}

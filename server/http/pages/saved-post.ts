import { channelName } from '../../../views/networks.ts';
import type { TypedCaption } from '../../../views/post-editor.ts';
import { UNDER_WAY_STATES } from '../../deliveries/delivery-state.ts';
import { conflict } from '../../errors.ts';
import type { PostDetails } from '../../posts/get-post.ts';
import type { PostUpdated } from '../../posts/update-post.ts';
import type { DoneCode } from '../done-notice.ts';

import type { PostDraft } from './post-draft.ts';

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

/** It is out there, or on its way: what it says on its channel stays. */
export function isOut({ state }: { state: string }): boolean {
  return UNDER_WAY_STATES.has(state) || state === 'taken_down';
}

/** Where the post is out, it goes on saying what it says there, whatever was typed or unticked. */
export function keepOut(post: PostDetails, draft: PostDraft): PostDraft {
  const out = post.deliveries.filter(isOut);
  const captions = out.map(({ channelId, parts }): [string, string[]] => [channelId, parts]);
  return {
    ...draft,
    channelIds: [...new Set([...draft.channelIds, ...captions.map(([channelId]) => channelId)])],
    captions: new Map([...draft.captions, ...captions]),
  };
}

/** What was typed for channels where the post is out. */
export function findTooLate(post: PostDetails, { captions }: PostDraft): TypedCaption[] {
  // A form sends every end of a line as CR LF.
  const asTyped = (parts: readonly string[]) =>
    JSON.stringify(parts.map((part) => part.replaceAll(/\r\n?/g, '\n')));
  return post.deliveries.filter(isOut).flatMap((delivery) => {
    const { channelId, parts } = delivery;
    const typed = captions.get(channelId);
    if (!typed || asTyped(typed) === asTyped(parts)) return [];
    return [{ channelId, name: channelName(delivery), text: typed.join('\n\n') }];
  });
}

/** @throws AppError Conflict once: the form comes back with what is out as it is. */
export function assertOutIsKept(post: PostDetails, draft: PostDraft): void {
  const dropped = post.deliveries.filter(
    (delivery) => isOut(delivery) && !draft.channelIds.includes(delivery.channelId),
  );
  const names = [...findTooLate(post, draft).map(({ name }) => name), ...dropped.map(channelName)];
  if (names.length === 0) return;
  throw conflict({
    code: 'already_published',
    message: `On ${[...new Set(names)].join(' and ')} the post is out, or on its way: what it says there stays. Save again to save the rest.`,
  });
}

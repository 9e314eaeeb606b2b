import type { RouterContext } from '@koa/router';

import type { ScheduleWarning } from '../deliveries/schedule-warnings.ts';

/** What a form that worked says on the next page, by the code in its address: never text from the address itself. */
const DONE = {
  approved: 'Approved. It goes out at its time.',
  approved_now: 'Approved. Its time has come, so it goes out now.',
  approved_held: 'Approved, but it is held: its connection was revoked, or its channel is no longer linked.',
  approved_untimed: 'Approved. It goes out once it has a time.',
  rejected: 'Rejected. It will not go out.',
  drafted: 'Saved as a draft.',
  edited: 'Saved.',
  edited_scheduled: 'Saved. It keeps its time, and goes out under your name.',
  edited_waiting: 'Saved. What is on the schedule waits for approval before it goes out.',
  edited_unapproved: 'Saved. The approval was of the words before: these need one of their own.',
  discarded: 'Thrown away. It can be restored for 30 days.',
  restored: 'Restored. It is a draft again.',
  moved: 'Moved. It goes out at its new time, under your name.',
  cancelled: 'Taken off the schedule. It is a draft again.',
  revoked: 'Revoked. The client is signed out, and what it had scheduled is held.',
  revoked_and_taken_over:
    'Revoked, and the posts are yours: what had been approved goes out under your name, the rest waits for your approval.',
  limited: 'Done. It counts from its next call on.',
  end_set: 'Done. The connection ends after that day.',
  end_removed: 'Done. The connection goes on until somebody ends it.',
  handed_over:
    'Handed over. What had been approved goes out under your name; the rest waits for your approval.',
  posts_cancelled: 'Taken off the schedule. The posts are drafts again.',
  slots_changed: 'Saved. It counts for the next post that takes a slot.',
  linked: 'Linked. Posts can go out on this channel.',
  linked_other:
    'Linked as a channel of its own: it is another account than the one that was to be linked again, which still waits.',
  practice_added: 'Added. Its posts go to the Playground, by the rules of that network.',
  team_changed: 'Saved. It counts from now on.',
  role_changed: 'The role is changed.',
  member_removed: 'Removed. Their connections in this team no longer work.',
  invitation_taken_back: 'Taken back. The link no longer works.',
  joined: 'Welcome to the team.',
  password_changed: 'The password is changed, and your other browsers are signed out.',
  company_linked: 'Linked. From now on your company account is enough.',
  company_unlinked: 'Unlinked. Your company account no longer signs you in here.',
  rule_added: 'Added. It counts from the next call and the next post on.',
  rule_removed: 'Removed. What it stopped before stays stopped until a person acts.',
  policy_saved: 'Saved. It counts from the next post on.',
  media_added: 'The picture is in the library.',
  media_changed: 'Saved. Drafts that show it say the same now.',
  media_deleted: 'Deleted.',
  disconnected: 'Disconnected. What was scheduled on it is held.',
  settled_check: 'The network is being asked. Look again in a moment.',
  settled_retry: 'It is on its way again. Look again in a moment.',
  settled_record_as_posted: 'Recorded as published.',
  settled_give_up: 'Given up. What is known about it stays here.',
  taken_down: 'Taken down. It is gone from the network.',
  webhook_enabled: 'Turned on. It is told of what happens from now on.',
  webhook_tested: 'A test is on its way. Look again in a moment.',
  stopped: 'Stopped. What is due from now on is held.',
  stop_lifted: 'It goes on. What was held goes out now; what is too late is shown as missed.',
  webhook_removed: 'Removed. It is told nothing any more.',
  campaign_created: 'The campaign is there. Draft its first post.',
  campaign_changed: 'Saved. Captions that are written from now on follow it.',
  campaign_paused: 'Paused. What was scheduled is held until the campaign is active again.',
  campaign_active: 'Active again. What was held goes out at its time; what is too late is shown as missed.',
  campaign_archived: 'Archived. What was scheduled is held, and the campaign is hidden from the list.',
} as const;

export type DoneCode = keyof typeof DONE;

/** What a person should know who gave a post a time; nothing of it stops the post. */
const WARNINGS: Readonly<Record<ScheduleWarning['code'], string>> = {
  clash: 'Another post goes out on the same channel within 5 minutes of it.',
  duplicate: 'Another post says the very same on the same channel within 24 hours.',
  ambiguous_time: 'The clocks go back over this time, so it comes twice on that day: the first was taken.',
  slot_not_shared: 'No free slot suits all its channels, so one of a single channel was taken.',
  channel_needs_reconnect: 'A channel must be linked again before it can go out there.',
};

export function warningWords(warnings: readonly Pick<ScheduleWarning, 'code'>[]): string[] {
  return [...new Set(warnings.map(({ code }) => WARNINGS[code]))];
}

export function readDoneNotice(ctx: RouterContext): string | undefined {
  const { done, but = [] } = ctx.query;
  if (typeof done !== 'string' || !Object.hasOwn(DONE, done)) return undefined;
  const codes = [but].flat().filter((code): code is keyof typeof WARNINGS => Object.hasOwn(WARNINGS, code));
  return [DONE[done as DoneCode], ...warningWords(codes.map((code) => ({ code })))].join(' ');
}

/** See Other: a reload of the next page sends nothing twice. */
export function redirectDone(
  ctx: RouterContext,
  path: string,
  code: DoneCode,
  {
    query = {},
    warnings = [],
  }: { query?: Record<string, string>; warnings?: readonly ScheduleWarning[] } = {},
): void {
  const parameters = new URLSearchParams({ ...query, done: code });
  for (const warning of new Set(warnings.map((one) => one.code))) parameters.append('but', warning);
  ctx.status = 303;
  ctx.redirect(`${path}?${parameters}`);
}

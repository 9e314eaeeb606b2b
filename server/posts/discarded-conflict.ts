import { conflict, type AppError } from '../errors.ts';

const DAY_MS = 86_400_000;

/** How long a post stays in the trash. */
export const TRASH_DAYS = 30;

/** Until when a post in the trash can be brought back. */
export function restorableUntil(discardedAt: Date): Date {
  return new Date(discardedAt.getTime() + TRASH_DAYS * DAY_MS);
}

/** What everything but restoring says about a post in the trash. */
export function discardedConflict(discardedAt: Date): AppError {
  const until = restorableUntil(discardedAt).toISOString().slice(0, 10);
  return conflict({
    code: 'post_discarded',
    field: 'post_id',
    message: `This post is in the trash until ${until}. Restore it first.`,
    nextStep: 'Call discard_post with restore true, then call this again.',
  });
}

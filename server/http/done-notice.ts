import type { RouterContext } from '@koa/router';

/** What a form that worked says on the next page, by the code in its address: never text from the address itself. */
const DONE = {
  approved: 'Approved. It goes out at its time.',
  approved_now: 'Approved. Its time has come, so it goes out now.',
  rejected: 'Rejected. It will not go out.',
  cancelled: 'Taken off the schedule. It is a draft again.',
  revoked: 'Revoked. The client is signed out, and what it had scheduled is held.',
  handed_over:
    'Handed over. What had been approved goes out under your name; the rest waits for your approval.',
  posts_cancelled: 'Taken off the schedule. The posts are drafts again.',
  linked: 'Linked. Posts can go out on this channel.',
  disconnected: 'Disconnected. What was scheduled on it is held.',
} as const;

export type DoneCode = keyof typeof DONE;

export function readDoneNotice(ctx: RouterContext): string | undefined {
  const code = ctx.query['done'];
  return typeof code === 'string' && Object.hasOwn(DONE, code) ? DONE[code as DoneCode] : undefined;
}

/** See Other: a reload of the next page sends nothing twice. */
export function redirectDone(ctx: RouterContext, path: string, code: DoneCode): void {
  ctx.status = 303;
  ctx.redirect(`${path}?done=${code}`);
}

import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';

import { html } from '../../../views/html.ts';
import { MovePostView } from '../../../views/move-post.ts';
import { assertMayWrite } from '../../caller.ts';
import type { Context } from '../../context.ts';
import { OVER_STATES, SCHEDULABLE_STATES } from '../../deliveries/delivery-state.ts';
import { explainMove, type MoveProblem } from '../../deliveries/explain-move.ts';
import { schedulePost } from '../../deliveries/schedule-post.ts';
import type { ScheduleWarning } from '../../deliveries/schedule-warnings.ts';
import { conflict, isAppError } from '../../errors.ts';
import { getPost, type DeliveryDetails, type PostDetails } from '../../posts/get-post.ts';
import { toWallTime } from '../../posts/post-time.ts';
import { showPictures } from '../../posts/show-pictures.ts';
import { readDate } from '../../scheduling/calendar-range.ts';
import { readCalendarQuery } from '../calendar-query.ts';
import { redirectDone, warningWords } from '../done-notice.ts';
import { formField, formFields } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

/** Another time for a post: by a form, and by dropping it on another day of the calendar. */
export function addMovePostPages(router: Router, context: Context): void {
  router.get(
    '/posts/:id/move',
    signedIn(context, (page) => showMove(page), 'post'),
  );
  router.post(
    '/posts/:id/move',
    signedIn(context, (page) => move(page), 'post'),
  );
  router.post(
    '/posts/:id/drop',
    signedIn(context, (page) => drop(page), 'post'),
  );
}

async function showMove(page: SignedInPage): Promise<void> {
  const { ctx, context, caller, id } = page;
  assertMayWrite(caller);
  const post = await getPost(context, caller, { postId: id });
  const named = [ctx.query['channel'] ?? []].flat();
  const chosen = post.deliveries.filter(({ channelId }) => named.length === 0 || named.includes(channelId));
  const dueAt = chosen.find((delivery) => delivery.dueAt)?.dueAt;
  const wallTime = dueAt ? toWallTime(dueAt, post.timeZone) : '';
  await render(page, post, {
    chosen,
    // A drop that was not carried out comes here with the time that was meant.
    date: readDate(queryOf(ctx, 'date'))?.toString() ?? wallTime.slice(0, 10),
    time: TIME.exec(queryOf(ctx, 'time'))?.[0] ?? wallTime.slice(11, 16),
    calendar: calendarOf(queryOf(ctx, 'calendar')),
    problem: null,
  });
}

async function move(page: SignedInPage): Promise<void> {
  const { ctx, context, caller, id } = page;
  const post = await getPost(context, caller, { postId: id });
  const channelIds = formFields(ctx, 'channel');
  const [date, time] = ['date', 'time'].map((name) => formField(ctx, name).trim()) as [string, string];
  const calendar = calendarOf(formField(ctx, 'calendar'));
  let warnings: ScheduleWarning[];
  try {
    if (channelIds.length === 0) throw noChannel();
    ({ warnings } = await schedulePost(context, caller, {
      ...{ postId: id, at: `${date}T${time}`, onlyChannelIds: channelIds },
      expectedRev: Number(formField(ctx, 'rev')),
      shownContentHash: formField(ctx, 'content_hash'),
    }));
  } catch (error) {
    if (!isAppError(error, 'Conflict', 'InvalidInput', 'Unavailable')) throw error;
    const chosen = post.deliveries.filter(({ channelId }) => channelIds.includes(channelId));
    const problem = explainMove(error, `${date}T${time}`, post.timeZone);
    await render(page, post, { chosen, date, time, calendar, problem });
    ctx.status = error.kind === 'InvalidInput' ? 400 : 409;
    return;
  }
  if (!calendar) return redirectDone(ctx, `/posts/${id}`, 'moved', { warnings });
  redirectDone(ctx, '/calendar', 'moved', {
    query: { ...Object.fromEntries(calendar), from: date },
    warnings,
  });
}

interface Shown {
  chosen: readonly DeliveryDetails[];
  date: string;
  time: string;
  /** The address of the calendar that the person came from, as readCalendarQuery has it. */
  calendar: URLSearchParams | null;
  problem: MoveProblem | null;
}

async function render(
  { ctx, context, viewer }: SignedInPage,
  post: PostDetails,
  { chosen, ...shown }: Shown,
): Promise<void> {
  const channels = post.deliveries.map((delivery) => ({
    ...delivery,
    isChosen: chosen.includes(delivery),
    isMovable: SCHEDULABLE_STATES.has(delivery.state),
  }));
  // To give it a time is a yes to the revision on all of its channels, unless somebody said it before.
  const isYes = post.approval?.decision !== 'approved';
  const view = html`<${MovePostView}
    viewer=${viewer}
    postId=${post.id}
    rev=${post.rev}
    contentHash=${post.contentHash}
    proposals=${isYes ? post.deliveries.filter(({ state }) => !OVER_STATES.has(state)) : []}
    contents=${isYes ? await showPictures(context, post) : new Map()}
    parts=${(chosen[0] ?? post.deliveries[0])?.parts ?? []}
    channels=${channels}
    timeZone=${post.timeZone}
    ...${shown}
  />`;
  renderPage(ctx, view);
}

/**
 * Answers a script. Only what goes out anyway is moved like this: what waits for a yes, or was stopped, is looked at first,
 * because a person who gives it a time approves it.
 */
async function drop(page: SignedInPage): Promise<void> {
  const { ctx, context, caller, viewer, id } = page;
  assertMayWrite(caller);
  const post = await getPost(context, caller, { postId: id });
  const at = formField(ctx, 'at');
  const onlyChannelIds = formFields(ctx, 'channel');
  try {
    if (onlyChannelIds.length === 0) throw noChannel();
    const moved = await schedulePost(context, caller, {
      ...{ postId: id, expectedRev: Number(formField(ctx, 'rev')), at, onlyChannelIds },
      isMoveOnly: true,
    });
    const changesHands = post.deliveries.some(
      ({ channelId, scheduledBy }) =>
        onlyChannelIds.includes(channelId) &&
        (scheduledBy?.clientName || scheduledBy?.personName !== viewer.personName),
    );
    const message = `Moved to ${moved.localTime}.${changesHands ? ' It goes out under your name now.' : ''}`;
    ctx.body = { message, warnings: warningWords(moved.warnings) };
  } catch (error) {
    if (!isAppError(error, 'Conflict', 'InvalidInput', 'Unavailable')) throw error;
    const { message, nextWallTime } = explainMove(error, at, post.timeZone);
    const [date = '', time = ''] = (nextWallTime ?? at).split('T');
    const query = new URLSearchParams([
      ...onlyChannelIds.map((one) => ['channel', one]),
      ['date', date],
      ['time', time],
      ['calendar', formField(ctx, 'calendar')],
    ]);
    ctx.status = error.kind === 'InvalidInput' ? 400 : 409;
    ctx.body = { error: error.details.code, message, nextWallTime, moveHref: `/posts/${id}/move?${query}` };
  }
}

function noChannel() {
  return conflict({ code: 'no_channel', message: 'Say where: tick a channel.' });
}

const TIME = /^\d{2}:\d{2}$/;

function calendarOf(query: string): URLSearchParams | null {
  return query ? readCalendarQuery(Object.fromEntries(new URLSearchParams(query))) : null;
}

function queryOf(ctx: RouterContext, name: string): string {
  const value = ctx.query[name];
  return typeof value === 'string' && !value.includes('\0') ? value : '';
}

import { createHash } from 'node:crypto';

import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';

import { entryHref, networksOf } from '../../../views/calendar-entry.ts';
import { clockChangeWords } from '../../../views/calendar-words.ts';
import { CalendarView } from '../../../views/calendar.ts';
import { html } from '../../../views/html.ts';
import { labelOf, toneOf } from '../../../views/state-badge.ts';
import type { Context } from '../../context.ts';
import { SCHEDULABLE_STATES } from '../../deliveries/delivery-state.ts';
import { findCalendarChoices } from '../../posts/find-calendar-choices.ts';
import { listCalendar, type CalendarEntry } from '../../posts/list-calendar.ts';
import { CALENDAR_VIEWS, findCalendarRange, type CalendarRange } from '../../scheduling/calendar-range.ts';
import { findClockChanges } from '../../scheduling/clock-changes.ts';
import { readCalendarQuery } from '../calendar-query.ts';
import { readDoneNotice } from '../done-notice.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

export function addCalendarPages(router: Router, context: Context): void {
  router.get(
    '/calendar',
    signedIn(context, async (page) => {
      const { ctx, caller, viewer, team } = page;
      const { range, filter, entries, hasMore, timeZone } = await readCalendar(page);
      const shown = entries.map((entry) => toShown(page, range, entry));
      const view = html`<${CalendarView}
        viewer=${viewer}
        done=${readDoneNotice(ctx)}
        timeZone=${timeZone}
        ...${range}
        ...${await findCalendarChoices(context, caller)}
        campaignId=${filter.campaignId ?? ''}
        channelId=${filter.channelId ?? ''}
        entries=${shown}
        mark=${createHash('sha256').update(JSON.stringify(shown)).digest('base64url')}
        clockChanges=${findClockChanges(team.timeZone, range.days[0]!, range.end)}
        hasMore=${hasMore}
        mayMove=${caller.role !== 'viewer'}
      />`;
      renderPage(ctx, view);
    }),
  );

  // What the script puts in place of the table: the same days, the same filter.
  router.get(
    '/calendar/posts.json',
    signedIn(context, async (page) => {
      const { range, entries, timeZone } = await readCalendar(page);
      const changes = findClockChanges(timeZone, range.days[0]!, range.end);
      page.ctx.body = {
        posts: entries.map((entry) => ({
          ...toShown(page, range, entry),
          at: entry.at.toISOString(),
          rev: entry.rev,
          href: entryHref(entry),
          label: labelOf(entry.state),
          tone: toneOf(entry.state),
          networks: networksOf(entry.channels),
        })),
        clockChanges: changes.map((change) => ({ date: change.date, words: clockChangeWords(change) })),
      };
    }),
  );
}

async function readCalendar({ ctx, context, caller, team }: SignedInPage) {
  const view = CALENDAR_VIEWS.find((one) => one === ctx.query['view']) ?? 'month';
  const zone = { timeZone: team.timeZone, now: new Date() };
  const range = findCalendarRange(view, queryOf(ctx, 'from'), zone);
  const filter = { campaignId: queryOf(ctx, 'campaign'), channelId: queryOf(ctx, 'channel') };
  return { range, filter, ...(await listCalendar(context, caller, { ...range, ...filter })) };
}

function queryOf(ctx: RouterContext, name: string): string | undefined {
  const value = ctx.query[name];
  return typeof value === 'string' && value !== '' && !value.includes('\0') ? value : undefined;
}

function toShown({ ctx, caller }: SignedInPage, { view, anchor }: CalendarRange, entry: CalendarEntry) {
  const { postId, state, channels, excerpt, wallTime } = entry;
  const movable = channels
    .filter((channel) => SCHEDULABLE_STATES.has(channel.state))
    .map(({ channelId }) => channelId);
  const query = new URLSearchParams([
    ...movable.map((channelId) => ['channel', channelId]),
    ['calendar', `${readCalendarQuery({ ...ctx.query, view, from: anchor })}`],
  ]);
  const mayMove = caller.role !== 'viewer' && movable.length > 0;
  return {
    ...{ postId, state, channels, movable, excerpt },
    date: wallTime.slice(0, 10),
    time: wallTime.slice(11, 16),
    moveHref: mayMove ? `/posts/${postId}/move?${query}` : undefined,
  };
}

import { Readable } from 'node:stream';

import type Router from '@koa/router';

import { ActivityDaysView } from '../../../views/activity-days.ts';
import { html } from '../../../views/html.ts';
import { exportDay } from '../../activity/export-day.ts';
import { findRecentDays } from '../../activity/recent-days.ts';
import type { Context } from '../../context.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

const PATH = '/activity/days';

/** The signed days: whether each is what was signed, and each to take away. */
export function addActivityDayPages(router: Router, context: Context): void {
  router.get(PATH, signedIn(context, showDays));
  router.get(`${PATH}/:id`, signedIn(context, downloadDay));
}

async function showDays({ ctx, context, caller, viewer, team }: SignedInPage): Promise<void> {
  const before = dayOf(ctx.query['before']);
  const { days, olderBefore } = await findRecentDays(context, caller, {
    before,
    check: dayOf(ctx.query['check']),
  });
  const view = html`<${ActivityDaysView}
    viewer=${viewer}
    timeZone=${team.timeZone}
    days=${days}
    mayDownload=${caller.role === 'owner'}
    nextHref=${olderBefore ? `${PATH}?before=${olderBefore}` : undefined}
    firstHref=${before ? PATH : undefined}
    checkHref=${(day: string) => `${PATH}?${new URLSearchParams({ ...(before && { before }), check: day }).toString()}#${day}`}
  />`;
  renderPage(ctx, view);
}

async function downloadDay({ ctx, context, caller, id: day }: SignedInPage): Promise<void> {
  const lines = await exportDay(context, caller, day);
  ctx.type = 'application/x-ndjson';
  ctx.attachment(`activity-${day}.ndjson`);
  ctx.set('Cache-Control', 'no-store');
  ctx.body = Readable.from(lines);
}

/** A day that exists, as it is written; nothing else reaches a query. */
function dayOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^[12]\d{3}-\d{2}-\d{2}$/.test(value)) return undefined;
  const at = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value) ? value : undefined;
}

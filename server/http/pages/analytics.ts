import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';

import { AnalyticsView } from '../../../views/analytics.ts';
import { html } from '../../../views/html.ts';
import type { Context } from '../../context.ts';
import { findMetricChoices } from '../../metrics/find-metric-choices.ts';
import { findTeamWindow, getTeamMetrics, type MetricsFilter } from '../../metrics/get-team-metrics.ts';
import { listPublishedNumbers } from '../../metrics/list-published-numbers.ts';
import { toCsv } from '../csv.ts';
import { renderPage } from '../render.ts';
import { signedIn } from '../signed-in.ts';

const RANGES = [7, 30, 90] as const;
const DEFAULT_RANGE = 30;

const CSV_COLUMNS = [
  ...['published_at', 'day', 'network', 'channel', 'campaign', 'text', 'url', 'post_id'],
  ...['views', 'likes', 'comments', 'shares', 'clicks', 'numbers_as_of'],
];

export function addAnalyticsPages(router: Router, context: Context): void {
  router.get(
    '/analytics',
    signedIn(context, async ({ ctx, caller, viewer }) => {
      const { days, filter } = readQuery(ctx);
      const choices = await findMetricChoices(context, caller, filter);
      const window = await findTeamWindow(context, caller, days);
      const metrics = await getTeamMetrics(context, caller, window, filter);
      const view = html`<${AnalyticsView}
        viewer=${viewer}
        timeZone=${window.timeZone}
        ranges=${RANGES}
        days=${window.starts}
        campaignId=${filter.campaignId ?? ''}
        channelId=${filter.channelId ?? ''}
        ...${choices}
        metrics=${metrics}
      />`;
      renderPage(ctx, view);
    }),
  );

  router.get(
    '/analytics.csv',
    signedIn(context, async ({ ctx, caller }) => {
      const { days, filter } = readQuery(ctx);
      await findMetricChoices(context, caller, filter);
      const window = await findTeamWindow(context, caller, days);
      const rows = await listPublishedNumbers(context, caller, window, filter);
      ctx.attachment(`analytics-${window.starts[0]}-to-${window.starts.at(-1)}.csv`);
      ctx.type = 'text/csv; charset=utf-8; header=present';
      ctx.body = toCsv(
        CSV_COLUMNS,
        rows.map((row) => [
          ...[row.publishedAt.toISOString(), row.day, row.network, row.handle, row.campaignName],
          ...[row.text, row.url, row.postId],
          ...[row.views, row.likes, row.comments, row.shares, row.clicks],
          row.capturedAt?.toISOString() ?? null,
        ]),
      );
    }),
  );
}

/** What is no range is the default one; the team is never read from here. */
function readQuery(ctx: RouterContext): { days: number; filter: MetricsFilter } {
  const read = (name: string) => {
    const value = ctx.query[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const days = RANGES.find((range) => String(range) === read('days')) ?? DEFAULT_RANGE;
  return { days, filter: { channelId: read('channel'), campaignId: read('campaign') } };
}

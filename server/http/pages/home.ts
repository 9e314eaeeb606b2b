import type Router from '@koa/router';

import { html } from '../../../views/html.ts';
import { HomeView } from '../../../views/home.ts';
import { listCampaigns } from '../../campaigns/list-campaigns.ts';
import { findChannelsInNeed } from '../../channels/find-channels-in-need.ts';
import type { Context } from '../../context.ts';
import {
  GOING_OUT_STATES,
  STOPPED_STATES,
  UNCLEAR_STATES,
  type DeliveryState,
} from '../../deliveries/delivery-state.ts';
import { listKillSwitches } from '../../deliveries/list-kill-switches.ts';
import { listRequestedPosts } from '../../deliveries/list-requested-posts.ts';
import { countPublished } from '../../metrics/count-published.ts';
import { findPublished } from '../../posts/find-published.ts';
import { listPosts } from '../../posts/list-posts.ts';
import { findFirstSteps } from '../../teams/first-steps.ts';
import { readDoneNotice } from '../done-notice.ts';
import { areFirstStepsAway, putFirstStepsAway } from '../first-steps-away.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { signedIn } from '../signed-in.ts';

import { toWaiting } from './to-waiting.ts';

const BEGINNING = '1970-01-01';
const MOST_OF_A_GROUP = 5;
const CHART_DAYS = 30;

export function addHomePage(router: Router, context: Context): void {
  router.get(
    '/',
    signedIn(context, async ({ ctx, caller, viewer, team }) => {
      const inStates = (states: readonly DeliveryState[]) =>
        listPosts(context, caller, { states, limit: MOST_OF_A_GROUP });
      const [
        requested,
        awaiting,
        unclear,
        stopped,
        channelsInNeed,
        stops,
        upcoming,
        published,
        campaigns,
        days,
        steps,
      ] = await Promise.all([
        listRequestedPosts(context, caller),
        inStates(['awaiting_approval']),
        inStates([...UNCLEAR_STATES]),
        inStates([...STOPPED_STATES]),
        findChannelsInNeed(context, caller),
        listKillSwitches(context, caller),
        listPosts(context, caller, { states: GOING_OUT_STATES, from: BEGINNING, limit: 6 }),
        findPublished(context, caller, 6),
        listCampaigns(context, caller, { limit: 6 }),
        countPublished(context, caller, CHART_DAYS),
        findFirstSteps(context, caller),
      ]);
      const view = html`<${HomeView}
        viewer=${viewer}
        timeZone=${team.timeZone}
        mayAct=${caller.role !== 'viewer'}
        done=${readDoneNotice(ctx)}
        mcpUrl=${`${context.publicUrl}/mcp`}
        steps=${steps}
        areStepsAway=${areFirstStepsAway(ctx, team.id)}
        needs=${{
          approvals: [...requested.map(toWaiting), ...awaiting.items],
          unclear: unclear.items,
          stopped: stopped.items,
          channels: channelsInNeed,
          hasMore: [awaiting, unclear, stopped].some(({ nextCursor }) => nextCursor !== null),
        }}
        stops=${stops}
        upcoming=${upcoming.items}
        published=${published}
        days=${days}
        campaigns=${campaigns.items.map((campaign) => ({ ...campaign, total: sum(campaign.postCounts) }))}
      />`;
      renderPage(ctx, view);
    }),
  );

  router.post(
    '/first-steps',
    signedIn(context, async ({ ctx, team }) => {
      putFirstStepsAway(ctx, team.id, formField(ctx, 'show') !== 'yes');
      ctx.status = 303;
      ctx.redirect('/');
    }),
  );
}

function sum(counts: Partial<Record<string, number>>): number {
  return Object.values(counts).reduce<number>((total, count) => total + (count ?? 0), 0);
}

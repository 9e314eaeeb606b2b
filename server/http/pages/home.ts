import type Router from '@koa/router';

import { html } from '../../../views/html.ts';
import { HomeView } from '../../../views/home.ts';
import type { ListedPost } from '../../../views/post-list.ts';
import { listCampaigns } from '../../campaigns/list-campaigns.ts';
import { findChannelsInNeed } from '../../channels/find-channels-in-need.ts';
import type { Context } from '../../context.ts';
import type { DeliveryState } from '../../deliveries/delivery-state.ts';
import { listKillSwitches } from '../../deliveries/list-kill-switches.ts';
import { listRequestedPosts, type RequestedPost } from '../../deliveries/list-requested-posts.ts';
import { countPublished } from '../../metrics/count-published.ts';
import { findPublished } from '../../posts/find-published.ts';
import { listPosts } from '../../posts/list-posts.ts';
import { findFirstSteps } from '../../teams/first-steps.ts';
import { readDoneNotice } from '../done-notice.ts';
import { areFirstStepsAway, putFirstStepsAway } from '../first-steps-away.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { signedIn } from '../signed-in.ts';

/** What a person should look at, most urgent first. */
export const NEEDS_YOU_STATES: DeliveryState[] = [
  'awaiting_approval',
  'needs_attention',
  'unknown',
  'held',
  'failed',
  'missed',
];
const UNCLEAR_STATES: DeliveryState[] = ['needs_attention', 'unknown'];
const STOPPED_STATES: DeliveryState[] = ['held', 'failed', 'missed'];
export const GOING_OUT_STATES: DeliveryState[] = ['scheduled', 'claimed', 'prepared', 'sending'];
const BEGINNING = '1970-01-01';
const MOST_OF_A_GROUP = 5;
const CHART_DAYS = 30;

export function addHomePage(router: Router, context: Context): void {
  router.get(
    '/',
    signedIn(context, async ({ ctx, caller, viewer, team }) => {
      const inStates = (states: DeliveryState[]) =>
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
        inStates(UNCLEAR_STATES),
        inStates(STOPPED_STATES),
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

/** A draft that a person was asked about, as one of a list of posts. */
export function toWaiting(post: RequestedPost): ListedPost {
  return { ...post, state: 'awaiting_approval', when: null };
}

export function sum(counts: Partial<Record<string, number>>): number {
  return Object.values(counts).reduce<number>((total, count) => total + (count ?? 0), 0);
}

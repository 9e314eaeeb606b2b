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
import { listConnections } from '../../oauth/connections.ts';
import { findPublished } from '../../posts/find-published.ts';
import { listPosts } from '../../posts/list-posts.ts';
import { readDoneNotice } from '../done-notice.ts';
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
export const GOING_OUT_STATES: DeliveryState[] = ['scheduled', 'claimed', 'prepared', 'sending'];
const BEGINNING = '1970-01-01';

export function addHomePage(router: Router, context: Context): void {
  router.get(
    '/',
    signedIn(context, async ({ ctx, caller, viewer, team }) => {
      const [requested, needsYou, channelsInNeed, stops, upcoming, published, campaigns, connections] =
        await Promise.all([
          listRequestedPosts(context, caller),
          listPosts(context, caller, { states: NEEDS_YOU_STATES, limit: 10 }),
          findChannelsInNeed(context, caller),
          listKillSwitches(context, caller),
          listPosts(context, caller, { states: GOING_OUT_STATES, from: BEGINNING, limit: 6 }),
          findPublished(context, caller, 6),
          listCampaigns(context, caller, { limit: 6 }),
          listConnections(context, caller),
        ]);
      const view = html`<${HomeView}
        viewer=${viewer}
        timeZone=${team.timeZone}
        done=${readDoneNotice(ctx)}
        mcpUrl=${`${context.publicUrl}/mcp`}
        isNothingConnected=${connections.every((connection) => connection.revokedAt)}
        needsYou=${[...requested.map(toWaiting), ...needsYou.items]}
        channelsInNeed=${channelsInNeed}
        stops=${stops}
        hasMoreNeedsYou=${needsYou.nextCursor !== null}
        upcoming=${upcoming.items}
        published=${published}
        campaigns=${campaigns.items.map((campaign) => ({ ...campaign, total: sum(campaign.postCounts) }))}
      />`;
      renderPage(ctx, view);
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

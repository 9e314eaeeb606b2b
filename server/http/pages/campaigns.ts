import type Router from '@koa/router';

import { CampaignView } from '../../../views/campaign.ts';
import { CampaignsView } from '../../../views/campaigns.ts';
import { html } from '../../../views/html.ts';
import { findCampaign } from '../../campaigns/find-campaign.ts';
import { listCampaigns } from '../../campaigns/list-campaigns.ts';
import type { Context } from '../../context.ts';
import { listPosts } from '../../posts/list-posts.ts';
import { cursorOf, pagerOf } from '../paging-links.ts';
import { renderPage } from '../render.ts';
import { signedIn } from '../signed-in.ts';

export function addCampaignPages(router: Router, context: Context): void {
  router.get(
    '/campaigns',
    signedIn(context, async ({ ctx, caller, viewer, team }) => {
      const page = await listCampaigns(context, caller, { cursor: cursorOf(ctx) });
      const view = html`<${CampaignsView}
        viewer=${viewer}
        timeZone=${team.timeZone}
        campaigns=${page.items}
        ...${pagerOf(ctx, '/campaigns', page)}
      />`;
      renderPage(ctx, view);
    }),
  );

  router.get(
    '/campaigns/:id',
    signedIn(
      context,
      async ({ ctx, caller, viewer, team, id }) => {
        const campaign = await findCampaign(context, caller, id);
        const page = await listPosts(context, caller, { campaignId: id, cursor: cursorOf(ctx) });
        const view = html`<${CampaignView}
          viewer=${viewer}
          timeZone=${team.timeZone}
          campaign=${campaign}
          posts=${page.items}
          ...${pagerOf(ctx, `/campaigns/${id}`, page)}
        />`;
        renderPage(ctx, view);
      },
      'campaign',
    ),
  );
}

import type Router from '@koa/router';

import { CampaignView } from '../../../views/campaign.ts';
import { CampaignsView } from '../../../views/campaigns.ts';
import { html } from '../../../views/html.ts';
import { getCampaign } from '../../campaigns/get-campaign.ts';
import { CAMPAIGN_STATUSES, listCampaigns } from '../../campaigns/list-campaigns.ts';
import { updateCampaign } from '../../campaigns/update-campaign.ts';
import type { Context } from '../../context.ts';
import { invalidInput } from '../../errors.ts';
import { listPosts } from '../../posts/list-posts.ts';
import { readDoneNotice, redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
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
        const campaign = await getCampaign(context, caller, id);
        const page = await listPosts(context, caller, { campaignId: id, cursor: cursorOf(ctx) });
        const view = html`<${CampaignView}
          viewer=${viewer}
          timeZone=${team.timeZone}
          campaign=${campaign}
          posts=${page.items}
          problems=${campaign.problems}
          mayAct=${caller.role !== 'viewer'}
          done=${readDoneNotice(ctx)}
          ...${pagerOf(ctx, `/campaigns/${id}`, page)}
        />`;
        renderPage(ctx, view);
      },
      'campaign',
    ),
  );

  router.post(
    '/campaigns/:id/status',
    signedIn(
      context,
      async ({ ctx, caller, id }) => {
        const status = CAMPAIGN_STATUSES.find((one) => one === formField(ctx, 'status'));
        if (!status) throw invalidInput({ code: 'invalid_status', message: 'This form is not complete.' });
        await updateCampaign(context, caller, { campaignId: id, changes: { status } });
        redirectDone(ctx, `/campaigns/${id}`, `campaign_${status}`);
      },
      'campaign',
    ),
  );
}

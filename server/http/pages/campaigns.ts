import type Router from '@koa/router';

import { CampaignView } from '../../../views/campaign.ts';
import { CampaignsView } from '../../../views/campaigns.ts';
import { html } from '../../../views/html.ts';
import { getCampaign } from '../../campaigns/get-campaign.ts';
import { BOARD_COLUMNS, listBoard } from '../../campaigns/list-board.ts';
import { CAMPAIGN_STATUSES, listCampaigns } from '../../campaigns/list-campaigns.ts';
import { updateCampaign } from '../../campaigns/update-campaign.ts';
import type { Context } from '../../context.ts';
import { invalidInput } from '../../errors.ts';
import { getCampaignMetrics } from '../../metrics/get-campaign-metrics.ts';
import { readDoneNotice, redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { cursorOf, pagerOf } from '../paging-links.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

export function addCampaignPages(router: Router, context: Context): void {
  router.get(
    '/campaigns',
    signedIn(context, async ({ ctx, caller, viewer, team }) => {
      const show = CAMPAIGN_STATUSES.find((status) => status === ctx.query['show']);
      const page = await listCampaigns(context, caller, { status: show, cursor: cursorOf(ctx) });
      const view = html`<${CampaignsView}
        viewer=${viewer}
        timeZone=${team.timeZone}
        campaigns=${page.items}
        show=${show}
        mayAct=${caller.role !== 'viewer'}
        ...${pagerOf(ctx, show ? `/campaigns?show=${show}` : '/campaigns', page)}
      />`;
      renderPage(ctx, view);
    }),
  );

  router.get('/campaigns/:id', signedIn(context, showCampaign, 'campaign'));

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

async function showCampaign({ ctx, context, caller, viewer, team, id }: SignedInPage): Promise<void> {
  const campaign = await getCampaign(context, caller, id);
  const column = BOARD_COLUMNS.find((one) => one === ctx.query['column']);
  const only = column && { column, cursor: cursorOf(ctx) };
  const { counts, problems } = campaign;
  const [columns, { totals }] = await Promise.all([
    listBoard(context, caller, { campaignId: id, counts, only }),
    getCampaignMetrics(context, caller, { campaignId: id }),
  ]);
  // What is about posts stands on their cards, and the columns page through all of them.
  const ofCampaign = problems.filter(({ postId, code }) => postId === null && code !== 'more_problems');
  const view = html`<${CampaignView}
    viewer=${viewer}
    timeZone=${team.timeZone}
    campaign=${campaign}
    columns=${columns}
    isAlone=${only !== undefined}
    totals=${totals}
    problems=${ofCampaign}
    mayAct=${caller.role !== 'viewer'}
    done=${readDoneNotice(ctx)}
  />`;
  renderPage(ctx, view);
}

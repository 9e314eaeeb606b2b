import { Prisma } from '../../prisma/generated/client.ts';
import type { Transaction } from '../database/client.ts';
import { CAMPAIGN_PROBLEMS, type CampaignOfTeam, type RowsInUse } from './hold-campaign.ts';
import { releaseWaiting } from './release-waiting.ts';

const MISSED = 'Its time passed while the campaign was paused, so it was not sent. Schedule it anew.';

/** Returns what a campaign held to what it was, as far as it is not too late and nothing else stands against it. */
export async function releaseCampaign(
  tx: Transaction,
  { teamId, campaignId }: CampaignOfTeam,
  inUse: RowsInUse,
): Promise<void> {
  const held = Prisma.sql`
    select d.id
    from delivery d join post p on p.team_id = d.team_id and p.id = d.post_id
    where p.team_id = ${teamId} and p.campaign_id = ${campaignId}
      and d.state = 'held' and d.problem_code = any(${[...CAMPAIGN_PROBLEMS]})
    order by d.id
    for update of d ${inUse === 'skip' ? Prisma.sql`skip locked` : Prisma.empty}`;
  await releaseWaiting(tx, held, MISSED);
}

import { Prisma } from '../../prisma/generated/client.ts';
import type { Transaction } from '../database/client.ts';
import { PROBLEMS } from './problems.ts';

/** Why deliveries of a campaign are held; they return to `held_from` when it is active again. */
export const CAMPAIGN_PROBLEMS = ['campaign_paused', 'campaign_archived'] as const;

export interface CampaignOfTeam {
  teamId: string;
  campaignId: string;
}

/** locked: waits for whoever holds one of the rows. skip: leaves those out; whoever holds one passes by the campaign next. */
export type RowsInUse = 'wait' | 'skip';

/**
 * Holds what waits in a campaign, each with the state to which it returns. What is being sent goes through; what a worker
 * has only claimed is taken from it: the fence rises. Locked by id, as everything that moves several deliveries locks them.
 */
export async function holdCampaign(
  tx: Transaction,
  { teamId, campaignId }: CampaignOfTeam,
  code: (typeof CAMPAIGN_PROBLEMS)[number],
  inUse: RowsInUse,
): Promise<void> {
  await tx.$executeRaw`
    with waiting as materialized (
      select d.id
      from delivery d join post p on p.team_id = d.team_id and p.id = d.post_id
      where p.team_id = ${teamId} and p.campaign_id = ${campaignId}
        and (d.state in ('scheduled', 'awaiting_approval', 'claimed', 'prepared')
          or d.state = 'held' and d.problem_code = any(${[...CAMPAIGN_PROBLEMS]}) and d.problem_code <> ${code})
      order by d.id
      for update of d ${inUse === 'skip' ? Prisma.sql`skip locked` : Prisma.empty}
    )
    update delivery d set
      held_from = case d.state when 'held' then d.held_from when 'awaiting_approval' then d.state else 'scheduled' end,
      state = 'held', problem_code = ${code}, problem_message = ${PROBLEMS[code]},
      fence = fence + 1, lease_until = null, hinted_at = null, updated_at = clock_timestamp()
    from waiting where waiting.id = d.id`;
}

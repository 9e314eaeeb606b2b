import type { Transaction } from '../database/client.ts';
import { CAMPAIGN_PROBLEMS } from '../deliveries/hold-campaign.ts';

/** Posts of a campaign of which something is held because it is paused or archived. */
export async function countHeldPosts(
  db: Pick<Transaction, '$queryRaw'>,
  teamId: string,
  campaignId: string,
): Promise<number> {
  const [row] = await db.$queryRaw<{ posts: number }[]>`
    select count(distinct d.post_id)::int as posts
    from delivery d join post p on p.team_id = d.team_id and p.id = d.post_id
    where p.team_id = ${teamId} and p.campaign_id = ${campaignId}
      and d.state = 'held' and d.problem_code = any(${[...CAMPAIGN_PROBLEMS]})`;
  return row?.posts ?? 0;
}

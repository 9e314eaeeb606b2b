import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';

/** The channels that a campaign is meant for; none for a campaign that is not the team's. */
export async function findCampaignChannels(
  { db }: Pick<Context, 'db'>,
  { teamId }: Caller,
  campaignId: string,
): Promise<ReadonlySet<string>> {
  const rows = await db.campaignChannel.findMany({
    where: { teamId, campaignId },
    select: { channelId: true },
  });
  return new Set(rows.map(({ channelId }) => channelId));
}

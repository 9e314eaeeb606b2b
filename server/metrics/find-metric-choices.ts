import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import type { MetricsFilter, ShownChannel } from './get-team-metrics.ts';

const MOST = 200;

export interface MetricChoices {
  campaigns: { id: string; name: string }[];
  channels: ShownChannel[];
}

/**
 * What numbers can be narrowed to: also what is archived or no longer linked, for its numbers are still there.
 * @throws AppError NotFound when the filter names something that the team does not have
 */
export async function findMetricChoices(
  { db }: Pick<Context, 'db'>,
  { teamId }: Pick<Caller, 'teamId'>,
  { channelId, campaignId }: MetricsFilter,
): Promise<MetricChoices> {
  const campaign = { id: true, name: true } as const;
  const channel = { id: true, network: true, handle: true, imitates: true } as const;
  const [campaigns, channels] = await Promise.all([
    db.campaign.findMany({ where: { teamId }, select: campaign, orderBy: { id: 'desc' }, take: MOST }),
    db.channel.findMany({
      where: { teamId },
      select: channel,
      orderBy: [{ network: 'asc' }, { handle: 'asc' }, { id: 'asc' }],
      take: MOST,
    }),
  ]);
  // What is named can be one of more than are shown.
  if (campaignId !== undefined && !campaigns.some(({ id }) => id === campaignId)) {
    const named = await db.campaign.findFirst({ where: { teamId, id: campaignId }, select: campaign });
    if (!named) throw notFound({ code: 'not_found', message: 'There is no such campaign in this team.' });
    campaigns.push(named);
  }
  if (channelId !== undefined && !channels.some(({ id }) => id === channelId)) {
    const named = await db.channel.findFirst({ where: { teamId, id: channelId }, select: channel });
    if (!named) throw notFound({ code: 'not_found', message: 'There is no such channel in this team.' });
    channels.push(named);
  }
  return { campaigns, channels };
}

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
  const [campaigns, channels] = await Promise.all([
    db.campaign.findMany({
      where: { teamId },
      select: { id: true, name: true },
      orderBy: { id: 'desc' },
      take: MOST,
    }),
    db.channel.findMany({
      where: { teamId },
      select: { id: true, network: true, handle: true, imitates: true },
      orderBy: [{ network: 'asc' }, { handle: 'asc' }, { id: 'asc' }],
      take: MOST,
    }),
  ]);
  const has = (choices: readonly { id: string }[], id: string | undefined) =>
    id === undefined || choices.some((choice) => choice.id === id);
  if (!has(campaigns, campaignId)) {
    throw notFound({ code: 'not_found', message: 'There is no such campaign in this team.' });
  }
  if (!has(channels, channelId)) {
    throw notFound({ code: 'not_found', message: 'There is no such channel in this team.' });
  }
  return { campaigns, channels };
}

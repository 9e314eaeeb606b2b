import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';

export interface CalendarChoices {
  campaigns: { id: string; name: string }[];
  channels: { id: string; network: string; handle: string; imitates: string | null }[];
}

/** What a calendar can be narrowed to; at most the newest 100 campaigns, and 100 channels. */
export async function findCalendarChoices({ db }: Context, { teamId }: Caller): Promise<CalendarChoices> {
  const [campaigns, channels] = await Promise.all([
    db.campaign.findMany({
      where: { teamId, status: { not: 'archived' } },
      select: { id: true, name: true },
      orderBy: { id: 'desc' },
      take: 100,
    }),
    db.channel.findMany({
      where: { teamId, disconnectedAt: null },
      select: { id: true, network: true, handle: true, imitates: true },
      orderBy: [{ network: 'asc' }, { handle: 'asc' }, { id: 'asc' }],
      take: 100,
    }),
  ]);
  return { campaigns, channels };
}

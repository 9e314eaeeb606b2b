import type { Context } from '../../../server/context.ts';
import type { Scene } from '../../http/support/scene.ts';

/** What networks told of what the team published, and how many follow it, with days on which nobody counted. */
export async function furnishNumbers(
  context: Context,
  { owner, channelId }: Scene,
): Promise<Record<string, string>> {
  const { teamId } = owner;
  const published = await context.db.delivery.findMany({ where: { teamId, state: 'published' } });
  const told = { likes: 120, comments: 14, shares: null, clicks: null };
  await context.db.metricSnapshot.createMany({
    data: published.map(({ id }, index) => ({ teamId, deliveryId: id, views: 1800 + index * 950, ...told })),
  });
  await context.db.$executeRaw`
    insert into channel_snapshot (team_id, channel_id, day, followers)
    select ${teamId}, ${channelId}, current_date - n, 1200 - n * 3 from generate_series(1, 28) n where n % 9 <> 4`;
  return { analytics: '/analytics', 'analytics-channel': `/analytics?days=90&channel=${channelId}` };
}

import type { Context } from '../context.ts';
import { OVER_STATES } from '../deliveries/delivery-state.ts';
import type { CaptionProblem } from './check-caption.ts';

/** What keeps a post from going out whatever it says, by channel: its campaign stands still, or the link is gone. */
export async function findStops(
  { db }: Pick<Context, 'db'>,
  postId: string,
): Promise<Map<string, CaptionProblem[]>> {
  const { campaign, deliveries } = await db.post.findUniqueOrThrow({
    where: { id: postId },
    select: {
      campaign: { select: { status: true } },
      deliveries: {
        select: { channelId: true, state: true, channel: { select: { status: true, disconnectedAt: true } } },
      },
    },
  });
  return new Map(
    deliveries
      .filter(({ state }) => !OVER_STATES.has(state))
      .map(({ channelId, channel }) => [channelId, [...campaignStops(campaign), ...channelStops(channel)]]),
  );
}

function campaignStops({ status }: { status: string }): CaptionProblem[] {
  if (status === 'active') return [];
  const fix = `The campaign is ${status}, so nothing of it goes out. Make it active again first.`;
  return [{ ruleId: `campaign_${status}`, severity: 'error', ...NOT_COUNTED, fix }];
}

function channelStops({ status, disconnectedAt }: { status: string; disconnectedAt: Date | null }) {
  if (disconnectedAt) {
    const fix = 'The channel is no longer linked. Ask the person to link it again, or leave it out.';
    return [{ ruleId: 'channel_disconnected', severity: 'error', ...NOT_COUNTED, fix } as const];
  }
  if (status === 'ok') return [];
  const fix = 'The channel must be linked again by a person before the post is due; until then it is held.';
  return [{ ruleId: 'channel_needs_reconnect', severity: 'warning', ...NOT_COUNTED, fix } as const];
}

const NOT_COUNTED = { limit: 0, actual: 0 };

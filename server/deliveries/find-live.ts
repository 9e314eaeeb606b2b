import type { Caller } from '../caller.ts';
import type { SealedChannel } from '../channels/channel-access.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import type { SentPart } from '../networks/network.ts';

/** A delivery of which something is on its network, or was. */
export interface LiveDelivery extends SealedChannel {
  id: string;
  network: string;
  isDisconnected: boolean;
  isTakenDown: boolean;
  url: string | null;
  /** First part first. */
  parts: SentPart[];
}

/** States in which no worker can add to what is live. */
export const LIVE_STATES = [
  'published',
  'taken_down',
  'needs_attention',
  'failed',
  'held',
  'missed',
  'cancelled',
];

/**
 * What is live of a post, whole or in part, or was taken down; in the order of its deliveries.
 * @throws AppError NotFound for the post, or for a channel that it does not go to
 */
export async function findLive(
  { db }: Context,
  { teamId }: Caller,
  { postId, onlyChannelIds }: { postId: string; onlyChannelIds?: string[] | undefined },
): Promise<LiveDelivery[]> {
  const post = await db.post.findUnique({
    where: { teamId_id: { teamId, id: postId } },
    select: {
      deliveries: {
        orderBy: { id: 'asc' },
        include: {
          channel: true,
          parts: { where: { remoteId: { not: null } }, orderBy: { partNo: 'asc' } },
        },
      },
    },
  });
  if (!post) throw absent('post_id', `There is no post ${postId} in this team.`);
  const stray = onlyChannelIds?.find((id) => !post.deliveries.some(({ channelId }) => channelId === id));
  if (stray) throw absent('only_channel_ids', `The post does not go to a channel ${stray}.`);
  return post.deliveries
    .filter(({ channelId }) => !onlyChannelIds || onlyChannelIds.includes(channelId))
    .filter(({ state, remoteId, parts }) => LIVE_STATES.includes(state) && (remoteId || parts.length > 0))
    .map(({ id, state, channelId, channel, parts, remoteId, remoteUrl }) => ({
      id,
      teamId,
      channelId,
      network: channel.network,
      remoteAccountId: channel.remoteAccountId,
      handle: channel.handle,
      grantedScopes: channel.grantedScopes,
      sealedCredentials: channel.credentials,
      // The network says when they have run out, and then they are renewed.
      isTokenStale: false,
      isDisconnected: channel.disconnectedAt !== null,
      isTakenDown: state === 'taken_down',
      url: remoteUrl ?? parts[0]?.remoteUrl ?? null,
      parts: toParts(parts, { remoteId, remoteUrl }),
    }));
}

interface StoredPart {
  remoteId: string | null;
  remoteUrl: string | null;
  remoteRef?: unknown;
}

/** What a person recorded as posted may have no part of its own. */
function toParts(parts: readonly StoredPart[], whole: StoredPart): SentPart[] {
  return (parts.length > 0 ? parts : [whole]).map(({ remoteId, remoteUrl, remoteRef }) => ({
    remoteId: remoteId ?? '',
    remoteUrl: remoteUrl ?? '',
    remoteRef,
  }));
}

function absent(field: string, message: string) {
  return notFound({ code: 'not_found', field, message });
}

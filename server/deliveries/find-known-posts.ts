import type { Context } from '../context.ts';
import type { ClaimedDelivery } from './claim-delivery.ts';

/**
 * The network's ids of what went out on the channel since a day before: more than any connector looks back, whatever the
 * clocks say. A part of a thread counts by itself; a post that a person recorded may have no parts.
 */
export async function findKnownPosts(
  { db }: Pick<Context, 'db'>,
  { channelId }: Pick<ClaimedDelivery, 'channelId'>,
  since: Date,
): Promise<ReadonlySet<string>> {
  const rows = await db.$queryRaw<{ remoteId: string }[]>`
    select p.remote_id as "remoteId" from delivery d join delivery_part p on p.delivery_id = d.id
    where d.channel_id = ${channelId} and p.published_at > ${since}::timestamptz - interval '1 day' and p.remote_id is not null
    union
    select remote_id from delivery
    where channel_id = ${channelId} and published_at > ${since}::timestamptz - interval '1 day' and remote_id is not null`;
  return new Set(rows.map(({ remoteId }) => remoteId));
}

// The network inside the server: a newcomer publishes at once, and its timeline is a page of the dashboard.
// It lies beside the engine's tables but in a transaction of its own, like a network that happens to be near.
import { z } from 'zod';

import type { Database } from '../database/client.ts';
import { newId } from '../ids.ts';
import type { Network, SentPart } from './network.ts';
import {
  measurePlaygroundChannel,
  measurePlaygroundPosts,
  PLAYGROUND_MEASURE_BATCH,
} from './playground-metrics.ts';
import { playground as rules } from './rules/playground.ts';

const QUARANTINE_SECONDS = 5;
const SEND_TIMEOUT_MS = 10_000;

const rows = z.array(z.object({ id: z.string() })).max(1);

/** Exact: one row per delivery and part, whoever inserts it and how often. */
export function createPlayground(db: Database, publicUrl: string): Network {
  const toSentPart = (id: string): SentPart => ({ remoteId: id, remoteUrl: `${publicUrl}/playground/${id}` });

  const find = async (deliveryId: string, partNo: number): Promise<SentPart | null> => {
    const post = await db.playgroundPost.findUnique({
      where: { deliveryId_partNo: { deliveryId, partNo } },
      select: { id: true },
    });
    return post && toSentPart(post.id);
  };

  return {
    id: 'playground',
    name: 'Playground',
    guarantee: 'exact',
    rules,
    quarantineSeconds: QUARANTINE_SECONDS,
    sendTimeoutMs: SEND_TIMEOUT_MS,
    newKey: (deliveryId, partNo) => `${deliveryId}-${partNo}`,
    prepare: async () => null,
    payloadOf: (part) => JSON.stringify({ text: part.text }),
    async send({ channel, part }) {
      const inserted = rows.parse(
        await db.$queryRaw`
          insert into playground_post (id, team_id, channel_id, delivery_id, part_no, text, created_at)
          select ${newId('playgroundPost')}, channel.team_id, channel.id, ${part.deliveryId}, ${part.partNo}, ${part.text}, clock_timestamp()
          from channel where channel.id = ${channel.channelId}
          on conflict (delivery_id, part_no) do nothing
          returning id`,
      );
      const first = inserted[0];
      if (first) return toSentPart(first.id);
      const earlier = await find(part.deliveryId, part.partNo);
      if (!earlier) throw new Error('the Playground channel is gone');
      return earlier;
    },
    readBack: ({ part }) => find(part.deliveryId, part.partNo),
    measureBatch: PLAYGROUND_MEASURE_BATCH,
    measure: (_call, remoteIds) => measurePlaygroundPosts(db, remoteIds),
    measureChannel: (call) => measurePlaygroundChannel(db, call),
  };
}

// The network inside the server: a newcomer publishes at once, and its timeline is a page of the dashboard.
// It lies beside the engine's tables but in a transaction of its own, like a network that happens to be near.
import { z } from 'zod';

import type { Database } from '../database/client.ts';
import { idPattern, newId } from '../ids.ts';
import type { Network, SentPart } from './network.ts';
import {
  measurePlaygroundChannel,
  measurePlaygroundPosts,
  PLAYGROUND_MEASURE_BATCH,
} from './playground-metrics.ts';
import { playground as rules } from './rules/playground.ts';

const QUARANTINE_SECONDS = 5;
const SEND_TIMEOUT_MS = 10_000;
const PAGE = '/playground/';

/** What stays of a picture with the post; the file itself lies with the renditions. */
const picture = z.object({
  contentHash: z.string(),
  mimeType: z.string(),
  width: z.int(),
  height: z.int(),
  altText: z.string(),
});
const preparedSchema = z.object({ media: z.array(picture) }).nullish();

const rows = z.array(z.object({ id: z.string() })).max(1);

/** Exact: one row per delivery and part, whoever inserts it and how often. */
export function createPlayground(db: Database, publicUrl: string): Network {
  const toSentPart = (id: string): SentPart => ({ remoteId: id, remoteUrl: `${publicUrl}${PAGE}${id}` });

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
    isProven: true,
    rules,
    quarantineSeconds: QUARANTINE_SECONDS,
    sendTimeoutMs: SEND_TIMEOUT_MS,
    newKey: (deliveryId, partNo) => `${deliveryId}-${partNo}`,
    async prepare({ part }) {
      if (part.media.length === 0) return null;
      const media = [];
      for (const { read, contentHash, mimeType, width, height, altText } of part.media) {
        await read();
        media.push({ contentHash, mimeType, width, height, altText });
      }
      return { media };
    },
    payloadOf: ({ text, prepared }) => JSON.stringify({ text, ...preparedSchema.parse(prepared) }),
    async send({ channel, part }) {
      const inserted = rows.parse(
        await db.$queryRaw`
          insert into playground_post (id, team_id, channel_id, delivery_id, part_no, text, media, created_at)
          select ${newId('playgroundPost')}, channel.team_id, channel.id, ${part.deliveryId}, ${part.partNo}, ${part.text},
            ${JSON.stringify(preparedSchema.parse(part.prepared)?.media ?? [])}::jsonb, clock_timestamp()
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
    measure: (call, remoteIds) => measurePlaygroundPosts(db, call, remoteIds),
    measureChannel: (call) => measurePlaygroundChannel(db, call),
    async takeDown({ channel }, parts) {
      const ids = parts.map(({ remoteId }) => remoteId);
      await db.playgroundPost.deleteMany({ where: { channelId: channel.channelId, id: { in: ids } } });
    },
    readPermalink({ origin, pathname }) {
      const id = pathname.startsWith(PAGE) ? pathname.slice(PAGE.length) : '';
      return origin === publicUrl && idPattern('playgroundPost').test(id) ? toSentPart(id) : null;
    },
  };
}

import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import type { GuaranteeClass } from '../networks/network.ts';
import { readGuarantee } from './guarantee-of.ts';
import { readOutcome, type DeliveryOutcome } from './read-outcome.ts';

/** What a person needs to know to settle what stopped on a channel. */
export interface Settlement extends DeliveryOutcome {
  postId: string;
  /** The one that stopped. */
  rev: number;
  network: string;
  handle: string;
  imitates: string | null;
  /** Its caption on the channel. */
  parts: string[];
  /** What protects it against going out twice, as things stand. */
  guarantee: GuaranteeClass;
  /** The network may have it, and nobody knows. */
  isUnclear: boolean;
}

/** @throws AppError NotFound */
export async function findSettlement(
  context: Context,
  { teamId }: Caller,
  { postId, channelId }: { postId: string; channelId: string },
): Promise<Settlement> {
  const { db } = context;
  const delivery = await db.delivery.findFirst({
    where: { teamId, postId, channelId },
    select: {
      id: true,
      rev: true,
      sendStartedAt: true,
      channel: { select: { network: true, handle: true, imitates: true } },
      revision: { select: { captions: { where: { channelId }, select: { parts: true } } } },
    },
  });
  if (!delivery) throw notFound({ code: 'not_found', message: 'The post does not go to this channel.' });
  const { network } = delivery.channel;
  const outcome = await readOutcome(db, delivery.id);
  return {
    ...outcome,
    ...delivery.channel,
    postId,
    rev: delivery.rev,
    parts: delivery.revision.captions[0]?.parts ?? [],
    guarantee: await readGuarantee(context, db, { id: delivery.id, network }),
    isUnclear: delivery.sendStartedAt !== null && outcome.state !== 'published',
  };
}

import type { Context } from '../context.ts';
import type { Network, SentPart } from '../networks/network.ts';
import type { ClaimedDelivery } from './claim-delivery.ts';

/** One message of a delivery as it lies in the database. */
export interface FrozenPart {
  partNo: number;
  text: string;
  key: string;
  frozenAt: Date;
  prepared: unknown;
  /** Set when it is live. */
  sent: SentPart | null;
}

/**
 * Writes down the messages of a delivery before anything is sent, first part first. Parts that are live stay as they are.
 * So does every part when an earlier send may have reached the network: then only the same bytes and key are harmless.
 */
export async function freezeParts(
  context: Context,
  delivery: ClaimedDelivery,
  network: Network,
): Promise<FrozenPart[]> {
  const texts = delivery.captionParts ?? [];
  if (!delivery.sendStartedAt) {
    const keys = texts.map((_, index) => network.newKey(delivery.id, index + 1, delivery.now));
    await context.db.$executeRaw`/* plan kept */
      with held as materialized (
        select id from delivery where id = ${delivery.id} and fence = ${delivery.fence} and state = 'claimed' for update
      ),
      dropped as (
        delete from delivery_part p using held
        where p.delivery_id = held.id and p.remote_id is null and p.part_no > ${texts.length}
      )
      insert into delivery_part (delivery_id, part_no, text, key, frozen_at)
      select held.id, t.part_no, t.text, t.key, ${delivery.now}
      from held, unnest(${texts}::text[], ${keys}::text[]) with ordinality as t (text, key, part_no)
      on conflict (delivery_id, part_no) do update
        set text = excluded.text, key = excluded.key, frozen_at = excluded.frozen_at,
          prepared = case when delivery_part.text = excluded.text then delivery_part.prepared end
        where delivery_part.remote_id is null`;
  }
  return readParts(context, delivery.id);
}

type PartRow = Omit<FrozenPart, 'sent'> & {
  remoteId: string | null;
  remoteUrl: string | null;
  remoteRef: unknown;
};

export async function readParts(context: Context, deliveryId: string): Promise<FrozenPart[]> {
  const parts = await context.db.$queryRaw<PartRow[]>`/* plan kept */
    select part_no as "partNo", text, key, frozen_at as "frozenAt", prepared,
      remote_id as "remoteId", remote_url as "remoteUrl", remote_ref as "remoteRef"
    from delivery_part where delivery_id = ${deliveryId} order by part_no`;
  return parts.map(({ remoteId, remoteUrl, remoteRef, ...part }) => ({
    ...part,
    sent: remoteId === null ? null : { remoteId, remoteUrl: remoteUrl ?? '', remoteRef },
  }));
}

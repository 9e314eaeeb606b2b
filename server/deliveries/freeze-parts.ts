import { Prisma } from '../../prisma/generated/client.ts';
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

/** The columns of `PartRow`, of `delivery_part p`. */
const PART_SQL = Prisma.sql`p.part_no as "partNo", p.text, p.key, p.frozen_at as "frozenAt", p.prepared,
  p.remote_id as "remoteId", p.remote_url as "remoteUrl", p.remote_ref as "remoteRef"`;

/**
 * Writes down the messages of a delivery before anything is sent, first part first. Parts that are live stay as they are.
 * So does every part when an earlier send may have reached the network: then only the same bytes and key are harmless.
 */
export async function freezeParts(
  context: Context,
  delivery: ClaimedDelivery,
  network: Network,
): Promise<FrozenPart[]> {
  if (delivery.sendStartedAt) return readParts(context, delivery.id);
  const texts = delivery.captionParts ?? [];
  const keys = texts.map((_, index) => network.newKey(delivery.id, index + 1, delivery.now));
  const parts = await context.db.$queryRaw<PartRow[]>`/* plan kept */
    with held as materialized (
      select id from delivery where id = ${delivery.id} and fence = ${delivery.fence} and state = 'claimed' for update
    ),
    dropped as (
      delete from delivery_part p using held
      where p.delivery_id = held.id and p.remote_id is null and p.part_no > ${texts.length}
    ),
    written as (
      insert into delivery_part as p (delivery_id, part_no, text, key, frozen_at)
      select held.id, t.part_no, t.text, t.key, ${delivery.now}
      from held, unnest(${texts}::text[], ${keys}::text[]) with ordinality as t (text, key, part_no)
      on conflict (delivery_id, part_no) do update
        set text = excluded.text, key = excluded.key, frozen_at = excluded.frozen_at,
          prepared = case when p.text = excluded.text then p.prepared end
        where p.remote_id is null
      returning ${PART_SQL}
    )
    select * from written
    union all
    select ${PART_SQL} from held join delivery_part p on p.delivery_id = held.id where p.remote_id is not null
    order by "partNo"`;
  return parts.map(toFrozenPart);
}

export async function readParts(context: Context, deliveryId: string): Promise<FrozenPart[]> {
  const parts = await context.db.$queryRaw<PartRow[]>`/* plan kept */
    select ${PART_SQL} from delivery_part p where p.delivery_id = ${deliveryId} order by p.part_no`;
  return parts.map(toFrozenPart);
}

export interface PartRow extends Omit<FrozenPart, 'sent'> {
  remoteId: string | null;
  remoteUrl: string | null;
  remoteRef: unknown;
}

export function toFrozenPart({ remoteId, remoteUrl, remoteRef, ...part }: PartRow): FrozenPart {
  return { ...part, sent: remoteId === null ? null : { remoteId, remoteUrl: remoteUrl ?? '', remoteRef } };
}

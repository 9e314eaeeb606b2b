import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import type { ChannelAccess, GuaranteeClass, Network } from '../networks/network.ts';

/** What the network offers for this very channel: links differ in what they may ask. */
export function guaranteeOf(
  network: Network,
  channel: Pick<ChannelAccess, 'remoteAccountId' | 'grantedScopes'>,
): GuaranteeClass {
  return network.guaranteeFor?.(channel) ?? network.guarantee;
}

/**
 * What protects a delivery that may have been sent, as things stand: a key that the network has forgotten by now protects
 * no more, and one can only look. `none` for a network that this server does not know.
 */
export async function readGuarantee(
  { networks }: Pick<Context, 'networks'>,
  db: Pick<Transaction, '$queryRaw'>,
  { id, network: networkId }: { id: string; network: string },
): Promise<GuaranteeClass> {
  const network = networks.get(networkId);
  if (!network) return 'none';
  const [row] = await db.$queryRaw<
    { remoteAccountId: string; grantedScopes: string[]; isKeyKnown: boolean }[]
  >`
    select ch.remote_account_id as "remoteAccountId", ch.granted_scopes as "grantedScopes", not exists (
      select from attempt a join delivery_part p on p.delivery_id = a.delivery_id and p.part_no = a.part_no
      where a.delivery_id = d.id and a.kind = 'send' and a.idempotency_key = p.key and p.remote_id is null
        and a.started_at < clock_timestamp() - make_interval(secs => ${network.keyLifetimeSeconds ?? null}::float8)
    ) as "isKeyKnown"
    from delivery d join channel ch on ch.id = d.channel_id where d.id = ${id}`;
  const guarantee = row ? guaranteeOf(network, row) : 'none';
  return guarantee === 'idempotent' && !row!.isKeyKnown ? 'read_back' : guarantee;
}

import type { Transaction } from '../database/client.ts';
import { newId } from '../ids.ts';
import type { NetworkId } from '../networks/network-rules.ts';
import { addDefaultSlots } from '../scheduling/add-default-slots.ts';

/**
 * Gives a team its channel on the network inside the server, or one there that keeps the rules of another network. A team has
 * one of each kind: again, it is linked again.
 * @returns the channel's id
 */
export async function addPlaygroundChannel(
  tx: Pick<Transaction, 'channel' | '$executeRaw'>,
  teamId: string,
  imitates: NetworkId | null = null,
): Promise<string> {
  const handle = imitates ? `practice-${imitates}` : 'playground';
  const remoteAccountId = imitates ? handle : teamId;
  const row = { teamId, network: 'playground', remoteAccountId };
  const { id } = await tx.channel.upsert({
    where: { teamId_network_remoteAccountId: row },
    create: { ...row, id: newId('channel'), handle, imitates },
    update: { disconnectedAt: null },
    select: { id: true },
  });
  await addDefaultSlots(tx, { teamId, channelId: id });
  return id;
}

import type { Transaction } from '../database/client.ts';
import { newId } from '../ids.ts';

/** Gives a team its channel on the network inside the server. @returns the channel's id */
export async function addPlaygroundChannel(tx: Transaction, teamId: string): Promise<string> {
  const id = newId('channel');
  await tx.channel.create({
    data: { id, teamId, network: 'playground', handle: 'playground', remoteAccountId: teamId },
  });
  return id;
}

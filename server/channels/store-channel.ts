import { Prisma } from '../../prisma/generated/client.ts';
import { recordActivity } from '../activity/record-activity.ts';
import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { newId } from '../ids.ts';
import type { LinkedAccount } from '../networks/account-link.ts';
import { addDefaultSlots } from '../scheduling/add-default-slots.ts';
import { sealCredentials } from './credentials.ts';
import { releaseHeld } from './release-held.ts';

export interface LinkedChannel {
  channelId: string;
  handle: string;
  /** Deliveries that had waited for this and go out now. */
  releasedDeliveries: number;
}

/** Makes an account that was linked a channel of the team; the same account again is the same channel, with new credentials. */
export async function storeChannel(
  context: Context,
  tx: Transaction,
  caller: PersonCaller,
  { network, account }: { network: string; account: LinkedAccount },
): Promise<LinkedChannel> {
  const { teamId } = caller;
  const { remoteAccountId, handle, credentials, tokenExpiresAt = null, grantedScopes = [] } = account;
  const key = { teamId_network_remoteAccountId: { teamId, network, remoteAccountId } };
  const known = await tx.channel.findUnique({ where: key, select: { id: true } });
  const channelId = known?.id ?? newId('channel');
  const data = {
    handle,
    tokenExpiresAt,
    grantedScopes: [...grantedScopes],
    ownLimits: account.ownLimits === undefined ? Prisma.DbNull : (account.ownLimits as Prisma.InputJsonValue),
    credentials:
      credentials === undefined ? null : sealCredentials(context, { teamId, channelId }, credentials),
    status: 'ok',
    disconnectedAt: null,
  };
  const { id } = await tx.channel.upsert({
    where: key,
    create: { id: channelId, teamId, network, remoteAccountId, ...data },
    update: data,
    select: { id: true },
  });
  await addDefaultSlots(tx, { teamId, channelId: id });
  const releasedDeliveries = await releaseHeld(tx, id);
  await recordActivity({ db: tx }, { caller, action: 'channel.linked', target: id, result: 'ok' });
  return { channelId: id, handle, releasedDeliveries };
}

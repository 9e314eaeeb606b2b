import { z } from 'zod';

import { assertMayWrite, type PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { invalidInput } from '../errors.ts';
import type { LinkedAccount } from '../networks/account-link.ts';
import { hashToken } from '../token.ts';
import { LINK_MINUTES, linkGone, openLinkMemory, purposeOf } from './link-attempt.ts';
import { storeChannel, type LinkedChannel } from './store-channel.ts';

/** As they were put away: dates have become text. */
const accountsSchema = z.array(
  z.object({
    remoteAccountId: z.string(),
    handle: z.string(),
    kind: z.string().optional(),
    credentials: z.string().optional(),
    tokenExpiresAt: z.coerce.date().optional(),
    grantedScopes: z.array(z.string()).optional(),
    ownLimits: z.unknown().optional(),
  }),
);

interface ChoiceKey {
  linkId: string;
  sessionToken: string;
}

export interface OfferedAccounts {
  network: string;
  /** Without their credentials. */
  accounts: { remoteAccountId: string; handle: string; kind: string | undefined }[];
  /** The account of the channel that was to be linked again. */
  relinksAccount: string | undefined;
}

/** The accounts of a link that ended with several. @throws AppError NotAllowed (`link_gone`, a viewer) */
export async function findOfferedAccounts(
  context: Context,
  caller: PersonCaller,
  key: ChoiceKey,
): Promise<OfferedAccounts> {
  assertMayWrite(caller);
  const { network, accounts, relinks } = await openChoice(context, caller, key);
  const channel =
    relinks === null
      ? null
      : await context.db.channel.findFirst({ where: { id: relinks, teamId: caller.teamId } });
  return {
    network,
    accounts: accounts.map(({ remoteAccountId, handle, kind }) => ({ remoteAccountId, handle, kind })),
    relinksAccount: channel?.remoteAccountId,
  };
}

/**
 * Makes the chosen accounts channels, and forgets the others and what they could be published to with.
 * @throws AppError NotAllowed (`link_gone`, a viewer); InvalidInput (`nothing_chosen`)
 */
export async function chooseAccounts(
  context: Context,
  caller: PersonCaller,
  { remoteAccountIds, ...key }: ChoiceKey & { remoteAccountIds: readonly string[] },
): Promise<{ channels: LinkedChannel[]; isOtherAccount: boolean }> {
  assertMayWrite(caller);
  return context.db.$transaction(async (tx) => {
    const { network, accounts, relinks } = await openChoice(context, caller, key, tx);
    const chosen = accounts.filter(({ remoteAccountId }) => remoteAccountIds.includes(remoteAccountId));
    if (chosen.length === 0) {
      throw invalidInput({
        code: 'nothing_chosen',
        field: 'account',
        message: 'Choose at least one of the accounts.',
      });
    }
    await tx.channelLink.delete({ where: { id: key.linkId } });
    const channels: LinkedChannel[] = [];
    for (const account of chosen) {
      channels.push(await storeChannel(context, tx, caller, { network, account }));
    }
    const isOtherAccount = relinks !== null && !channels.some(({ channelId }) => channelId === relinks);
    return { channels, isOtherAccount };
  });
}

interface Choice {
  network: string;
  accounts: LinkedAccount[];
  relinks: string | null;
}

async function openChoice(
  { db, seal }: Context,
  { teamId, personId }: PersonCaller,
  { linkId, sessionToken }: ChoiceKey,
  tx: Pick<Transaction, '$queryRaw'> = db,
): Promise<Choice> {
  const [row] = await tx.$queryRaw<{ network: string; sealed: Uint8Array; accounts: Uint8Array }[]>`
    select network, sealed, accounts from channel_link
    where id = ${linkId} and team_id = ${teamId} and person_id = ${personId}
      and browser_hash = ${hashToken(sessionToken)} and accounts is not null
      and returned_at > clock_timestamp() - make_interval(mins => ${LINK_MINUTES}::int)
    for update`;
  if (!row) throw linkGone();
  const accounts: unknown = JSON.parse(seal.unseal(row.accounts, purposeOf(linkId, 'accounts')));
  return {
    network: row.network,
    accounts: accountsSchema.parse(accounts) as LinkedAccount[],
    relinks: openLinkMemory({ seal }, { id: linkId, sealed: row.sealed }).relinks,
  };
}

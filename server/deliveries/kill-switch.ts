import type { Transaction } from '../database/client.ts';

export const KILL_SWITCH_KINDS = ['everything', 'network', 'client', 'channel'] as const;
export type KillSwitchKind = (typeof KILL_SWITCH_KINDS)[number];

/** What stands still. */
export interface KillSwitchTarget {
  kind: KillSwitchKind;
  /** The id of the network, client or channel; null for everything. */
  target: string | null;
}

/** Tells the teams, in the transaction that makes it so. */
export async function tellOfSwitch(
  tx: Pick<Transaction, '$executeRaw'>,
  teamIds: readonly string[],
  kind: 'publishing.stopped' | 'publishing.resumed',
  detail: KillSwitchTarget & { reason?: string; isServerWide?: boolean },
): Promise<void> {
  const { kind: what, target, reason, isServerWide = false } = detail;
  const said = JSON.stringify({ what, target, reason, server_wide: isServerWide });
  await tx.$executeRaw`
    select give_notice(id, ${kind}, coalesce(${target}, id), ${said}::jsonb) from unnest(${teamIds}::text[]) as team (id)`;
}

/**
 * Raises the version of the team's rules, or of every team's: a guard that began before decides anew, and whoever calls this
 * waits for those that have decided. Nothing is sent after the transaction's end that its rows forbid.
 * @param teamId null for every team, in one order
 */
export async function raisePolicyVersion(
  tx: Pick<Transaction, '$executeRaw'>,
  teamId: string | null,
): Promise<void> {
  await tx.$executeRaw`
    with locked as materialized (
      select id from team where ${teamId}::text is null or id = ${teamId} order by id for no key update
    )
    update team set policy_version = policy_version + 1 from locked where locked.id = team.id`;
}

import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { findRule } from '../policy/policy-table.ts';
import { ruleText } from '../policy/rule-words.ts';
import type { LockedDelivery, LockedPost } from './lock-post.ts';

/** A policy rule that asks for a person: its name and what it says, without a full stop. */
export interface WaitingReason {
  ruleId: string;
  words: string;
}

/**
 * The rule because of which the first of the deliveries waits for a person, null when none waits, or
 * when a person refused the revision before: then that is the reason.
 */
export async function explainWaiting(
  context: Context,
  { teamId }: Pick<Caller, 'teamId'>,
  { policyVersion, decision, timeZone }: LockedPost,
  deliveries: readonly LockedDelivery[],
): Promise<WaitingReason | null> {
  const waiting = deliveries.find(({ state }) => state === 'awaiting_approval');
  const rule = waiting?.policyRule;
  if (!rule || decision === 'rejected') return null;
  const table = await context.policies.tableOf(teamId, policyVersion);
  return { ruleId: rule, words: ruleText({ rule, row: findRule(table, rule) }, timeZone) };
}

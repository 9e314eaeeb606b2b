import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { DefaultRule, PolicyRule } from './policy-rule.ts';
import { DEFAULT_WORDS, ruleWords } from './rule-words.ts';

/** What rules say in the team's zone, by id, as a person reads it; a rule that is gone is not in it. */
export async function findRuleWords(
  context: Pick<Context, 'db'>,
  caller: Caller,
  ruleIds: readonly string[],
  timeZone: string,
): Promise<ReadonlyMap<string, string>> {
  const words = new Map<string, string>();
  for (const id of ruleIds) if (id in DEFAULT_WORDS) words.set(id, DEFAULT_WORDS[id as DefaultRule]);
  const stored = ruleIds.filter((id) => !words.has(id));
  if (stored.length === 0) return words;
  const rows = await context.db.policyRule.findMany({
    where: { teamId: caller.teamId, id: { in: stored } },
  });
  for (const row of rows) words.set(row.id, ruleWords(row as PolicyRule, timeZone));
  return words;
}

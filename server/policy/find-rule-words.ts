import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { DefaultRule, PolicyRule } from './policy-rule.ts';
import { DEFAULT_WORDS, REMOVED_WORDS, ruleWords } from './rule-words.ts';

/** What rules say in the team's zone, by id, as a person reads it; the default that allows says nothing. */
export async function findRuleWords(
  context: Pick<Context, 'db'>,
  caller: Caller,
  ruleIds: readonly string[],
  timeZone: string,
): Promise<ReadonlyMap<string, string>> {
  const words = new Map<string, string>();
  const stored: string[] = [];
  for (const id of ruleIds) {
    if (id === 'default.allow') continue;
    if (!(id in DEFAULT_WORDS)) stored.push(id);
    words.set(id, DEFAULT_WORDS[id as DefaultRule] ?? REMOVED_WORDS);
  }
  if (stored.length === 0) return words;
  const rows = await context.db.policyRule.findMany({
    where: { teamId: caller.teamId, id: { in: stored } },
  });
  for (const row of rows) words.set(row.id, ruleWords(row as PolicyRule, timeZone));
  return words;
}

import { formatLocalTime } from '../posts/local-time.ts';
import type { Verdict } from './decide.ts';
import type { DefaultRule, PolicyRule } from './policy-rule.ts';

/** What a rule says in the team's zone, without its name: 'each post beyond 3 a day on a channel needs a person's yes'. */
export function ruleWords(row: PolicyRule, timeZone: string): string {
  return `${WHAT[row.condition](row, timeZone)} ${SAYS[row.effect]}`;
}

/** The rule that had the last word, in words. */
export function ruleText({ rule, row }: NamedRule, timeZone: string): string {
  return row ? ruleWords(row, timeZone) : (DEFAULT_WORDS[rule as DefaultRule] ?? REMOVED_WORDS);
}

/** The same with its name, for messages. Ends without a full stop. */
export function verdictWords(named: NamedRule, timeZone: string): string {
  return `${ruleText(named, timeZone)} (rule ${named.rule})`;
}

type NamedRule = Pick<Verdict, 'rule' | 'row'>;

export const DEFAULT_WORDS: Readonly<Record<DefaultRule, string>> = {
  'default.allow': 'what no rule speaks about is allowed',
  'default.first_use': "a client's first post on a channel needs a person's yes",
  'default.no_publish_scope': "this client may not publish by itself: each of its posts needs a person's yes",
  'default.edited': "a post that was edited on the calendar needs a person's yes",
};

export const REMOVED_WORDS = 'a rule that was removed since';

const SAYS: Readonly<Record<PolicyRule['effect'], string>> = {
  allow: 'may go out unasked',
  ask: "needs a person's yes",
  deny: 'is not allowed',
};

const WHAT: Readonly<Record<PolicyRule['condition'], (row: PolicyRule, timeZone: string) => string>> = {
  always: ({ tool }) => (tool === null ? 'any post' : `calling ${tool}`),
  daily_cap: ({ postsPerDay }) => `each post beyond ${postsPerDay} a day on a channel`,
  quiet_hours: ({ quietFrom, quietTo }) => `a post between ${quietFrom} and ${quietTo}`,
  first_use: () => "a client's first post on a channel",
  after: ({ afterAt }, timeZone) => `a post from ${formatLocalTime(afterAt!, timeZone)} on`,
};

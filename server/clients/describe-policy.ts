import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Condition, Effect, PolicyRule } from '../policy/policy-rule.ts';
import { ruleWords } from '../policy/rule-words.ts';
import { findTimeZone } from '../posts/find-time-zone.ts';
import type { Scope } from '../scopes.ts';

interface RuleRow extends PolicyRule {
  network: string | null;
  handle: string | null;
}

/** How people are told times and channels. */
interface PolicyNaming {
  timeZone: string;
  nameChannel: (channel: { network: string; handle: string }) => string;
}

export interface PolicySubject {
  id: string;
  clientId: string;
  scopes: readonly Scope[];
}

/** Publishing policies in sentences, by connection: what it may send unasked, and every rule that speaks about it. */
export async function describePolicies(
  context: Context,
  caller: PersonCaller,
  connections: readonly PolicySubject[],
  nameChannel: PolicyNaming['nameChannel'],
): Promise<Map<string, string[]>> {
  const rules = await context.db.$queryRaw<RuleRow[]>`
    select r.id, r.client_id as "clientId", r.connection_id as "connectionId", r.tool, r.channel_id as "channelId",
      r.condition, r.effect, r.posts_per_day as "postsPerDay", r.quiet_from as "quietFrom", r.quiet_to as "quietTo",
      r.after_at as "afterAt", ch.network, ch.handle
    from policy_rule r left join channel ch on ch.id = r.channel_id
    where r.team_id = ${caller.teamId}
      and (r.connection_id is null or r.connection_id = any (${connections.map(({ id }) => id)}))
    order by r.connection_id is null, r.client_id is null, r.created_at, r.id`;
  const naming = { timeZone: await findTimeZone(context, caller), nameChannel };
  return new Map(connections.map((connection) => [connection.id, describePolicy(connection, rules, naming)]));
}

function describePolicy(
  { id, clientId, scopes }: PolicySubject,
  rules: readonly RuleRow[],
  naming: PolicyNaming,
): string[] {
  if (!scopes.includes('schedule:write') && !scopes.includes('posts:publish')) {
    return ['It cannot schedule or publish anything.'];
  }
  const basis = scopes.includes('posts:publish')
    ? 'It publishes without asking, within the rules below. Its first post on a channel waits for a person unless a rule says otherwise.'
    : 'Each post waits for a person.';
  const its = rules.filter(
    (rule) =>
      (rule.connectionId === null || rule.connectionId === id) &&
      (rule.clientId === null || rule.clientId === clientId),
  );
  return [basis, ...groupByChannels(its, naming).map((saying) => sentenceOf(saying, naming))];
}

interface Saying {
  rule: RuleRow;
  channels: string[];
}

/** The same rule for several channels is said once. */
function groupByChannels(rules: readonly RuleRow[], { nameChannel }: PolicyNaming): Saying[] {
  const sayings = new Map<string, Saying>();
  for (const rule of rules) {
    const { tool, condition, effect, postsPerDay, quietFrom, quietTo, afterAt, connectionId, clientId } =
      rule;
    const key: [Condition, Effect, ...unknown[]] = [
      condition,
      effect,
      tool,
      postsPerDay,
      quietFrom,
      quietTo,
      afterAt,
      connectionId,
      clientId,
      rule.channelId === null,
    ];
    const saying = sayings.get(JSON.stringify(key)) ?? { rule, channels: [] };
    const { network, handle } = rule;
    if (network !== null && handle !== null) saying.channels.push(nameChannel({ network, handle }));
    sayings.set(JSON.stringify(key), saying);
  }
  return [...sayings.values()];
}

function sentenceOf({ rule, channels }: Saying, { timeZone }: PolicyNaming): string {
  const words = ruleWords(rule, timeZone);
  const where = channels.length > 0 ? ` (on ${channels.join(', ')})` : '';
  const whose = rule.connectionId
    ? ''
    : rule.clientId
      ? ' This holds for the client.'
      : ' This holds for the whole team.';
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${where}.${whose}`;
}

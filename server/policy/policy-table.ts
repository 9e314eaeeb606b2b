import type { Condition, PolicyRule } from './policy-rule.ts';

/** A team's rules, laid out so that a decision looks only at those that can be about it. */
export interface PolicyTable {
  /** The team's `policy_version` that they are of. */
  version: number;
  rulesByPlace: ReadonlyMap<string, readonly PolicyRule[]>;
  /** The tools that a rule names. */
  namedTools: readonly string[];
}

export function createPolicyTable(version: number, rules: readonly PolicyRule[]): PolicyTable {
  const byId = rules.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const namedTools = [...new Set(byId.flatMap(({ tool }) => tool ?? []))];
  return { version, rulesByPlace: Map.groupBy(byId, placeOf), namedTools };
}

/** The same rules as if those of some conditions had never been made: they neither speak nor give a verdict their name. */
export function withoutConditions(table: PolicyTable, conditions: readonly Condition[]): PolicyTable {
  const rulesByPlace = new Map(
    [...table.rulesByPlace].map(([place, rules]) => [
      place,
      rules.filter(({ condition }) => !conditions.includes(condition)),
    ]),
  );
  return { ...table, rulesByPlace };
}

/** Who and what a decision is about. */
export interface Subject {
  clientId: string;
  connectionId: string;
  tool: string | null;
  /** Null for a tool that is about no channel. */
  channelId: string | null;
}

/**
 * Calls back with every rule that can be about the subject, from the most to the least specific: first those of the
 * connection, then of the client, then of the team; within each those that name channel and tool, then one, then neither.
 * @param visit gets the rule and its rank; equal ranks are equally specific
 */
export function visitRules(
  { rulesByPlace }: PolicyTable,
  subject: Subject,
  visit: (rule: PolicyRule, rank: number) => void,
): void {
  if (rulesByPlace.size === 0) return;
  const { clientId, connectionId, tool, channelId } = subject;
  const whos = [`connection ${connectionId}`, `client ${clientId}`, ''];
  for (let who = 0; who < whos.length; who += 1) {
    const visitPlace = (channel: string | null, named: string | null, rank: number) => {
      for (const rule of rulesByPlace.get(`${whos[who]}\n${channel ?? ''}\n${named ?? ''}`) ?? [])
        visit(rule, who * 3 + rank);
    };
    if (channelId !== null && tool !== null) visitPlace(channelId, tool, 0);
    if (channelId !== null) visitPlace(channelId, null, 1);
    if (tool !== null) visitPlace(null, tool, 1);
    visitPlace(null, null, 2);
  }
}

/** After the rank of the least specific row. */
export const DEFAULT_RANK = 9;

function placeOf({ connectionId, clientId, channelId, tool }: PolicyRule): string {
  const who =
    connectionId !== null ? `connection ${connectionId}` : clientId !== null ? `client ${clientId}` : '';
  return `${who}\n${channelId ?? ''}\n${tool ?? ''}`;
}

export function findRule({ rulesByPlace }: PolicyTable, id: string): PolicyRule | null {
  for (const rules of rulesByPlace.values()) {
    const found = rules.find((rule) => rule.id === id);
    if (found) return found;
  }
  return null;
}

import type { Database } from '../database/client.ts';
import type { Condition, Effect, PolicyRule } from './policy-rule.ts';
import { createPolicyTable, type PolicyTable } from './policy-table.ts';

/** The decision tables of the teams that were asked about lately. */
export interface Policies {
  /**
   * The team's rules at this version or a newer one. Reads them only when they are not known yet.
   * @param version the team's `policy_version`, as a statement a moment ago read it
   */
  tableOf(teamId: string, version: number): PolicyTable | Promise<PolicyTable>;
  /** The team's rules as they are now. */
  readTable(teamId: string): Promise<PolicyTable>;
}

const MAX_TEAMS = 1_000;

export function createPolicies(db: Pick<Database, '$queryRaw'>): Policies {
  const known = new Map<string, PolicyTable>();

  async function readTable(teamId: string): Promise<PolicyTable> {
    const table = await readPolicyTable(db, teamId);
    const kept = known.get(teamId);
    if (kept && kept.version >= table.version) return kept;
    known.delete(teamId);
    known.set(teamId, table);
    // The first is the one that was read longest ago.
    if (known.size > MAX_TEAMS) known.delete(known.keys().next().value!);
    return table;
  }

  return {
    tableOf(teamId, version) {
      const table = known.get(teamId);
      return table && table.version >= version ? table : readTable(teamId);
    },
    readTable,
  };
}

/** Version and rules in one statement, so that they are of one moment. */
async function readPolicyTable(db: Pick<Database, '$queryRaw'>, teamId: string): Promise<PolicyTable> {
  const rows = await db.$queryRaw<RuleRow[]>`
    select t.policy_version as version, r.id, r.client_id as "clientId", r.connection_id as "connectionId", r.tool,
      r.channel_id as "channelId", r.condition, r.effect, r.posts_per_day as "postsPerDay", r.quiet_from as "quietFrom",
      r.quiet_to as "quietTo", r.after_at as "afterAt"
    from team t left join policy_rule r on r.team_id = t.id
    where t.id = ${teamId}`;
  const rules = rows.flatMap(({ version: _, id, ...rule }) => (id === null ? [] : [{ id, ...rule }]));
  return createPolicyTable(rows[0]?.version ?? 0, rules);
}

interface RuleRow extends Omit<PolicyRule, 'id' | 'condition' | 'effect'> {
  version: number;
  /** Null for a team without rules. */
  id: string | null;
  condition: Condition;
  effect: Effect;
}

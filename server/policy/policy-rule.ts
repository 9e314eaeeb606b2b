/** allow: nobody is asked. ask: a person must say yes. deny: not at all. */
export type Effect = 'allow' | 'ask' | 'deny';

/**
 * When a rule speaks.
 * always; daily_cap: when `postsPerDay` posts of that day go out on the channel already; quiet_hours: for times between
 * `quietFrom` and `quietTo`; first_use: while the client has not yet published on the channel; after: from `afterAt` on.
 */
export type Condition = 'always' | 'daily_cap' | 'quiet_hours' | 'first_use' | 'after';

/** One row of a team's decision table. A null client, connection, tool or channel stands for every one. */
export interface PolicyRule {
  id: string;
  clientId: string | null;
  connectionId: string | null;
  tool: string | null;
  channelId: string | null;
  condition: Condition;
  effect: Effect;
  postsPerDay: number | null;
  /** Wall time HH:MM in the team's zone. */
  quietFrom: string | null;
  quietTo: string | null;
  afterAt: Date | null;
}

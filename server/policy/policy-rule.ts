/** allow: nobody is asked. ask: a person must say yes. deny: not at all. */
export const EFFECTS = ['allow', 'ask', 'deny'] as const;
export type Effect = (typeof EFFECTS)[number];

/**
 * When a rule speaks. Times are those at which a post is due, so that a rule says the same when a post is scheduled and
 * when it is sent.
 * always; daily_cap: when `postsPerDay` posts of that day go out on the channel already; quiet_hours: for times between
 * `quietFrom` and `quietTo`; first_use: while the client has neither published nor been approved on the channel;
 * after: for times from `afterAt` on.
 */
export const CONDITIONS = ['always', 'daily_cap', 'quiet_hours', 'first_use', 'after'] as const;
export type Condition = (typeof CONDITIONS)[number];

/**
 * One row of a team's decision table. A null client, connection or channel stands for every one. A null tool stands for
 * whatever goes out, by whichever tool; a rule about a tool that puts nothing on the calendar names it.
 */
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

/** The rules that every team has from the beginning; rows of its own speak before them. */
export const DEFAULT_RULES = [
  'default.allow',
  'default.first_use',
  'default.no_publish_scope',
  // Not of a decision: whoever edits what is on the calendar and may not put it there leaves it to a person.
  'default.edited',
] as const;
export type DefaultRule = (typeof DEFAULT_RULES)[number];

import { CONDITIONS, type Condition, type DefaultRule, type Effect, type PolicyRule } from './policy-rule.ts';
import { DEFAULT_RANK, visitRules, type PolicyTable, type Subject } from './policy-table.ts';

/** May this tool be called at all? It puts nothing on the calendar; only rules that name it are about it. */
export interface ToolRequest extends Subject {
  kind: 'tool';
  tool: string;
  channelId: null;
}

/** May this post go out on this channel at this time? */
export interface PublishingRequest extends Subject {
  kind: 'publishing';
  channelId: string;
  /** The connection holds posts:publish. */
  mayPublish: boolean;
  dueAt: Date;
  /** Of the due time, HH:MM in the team's zone. */
  wallTime: string;
  /** Other posts that go out on the channel on that day, under this connection, this client, any client. */
  postsThatDay: { connection: number; client: number; team: number };
  /** The client has neither published nor been approved on the channel yet. */
  isFirstUse: boolean;
}

export type PolicyRequest = ToolRequest | PublishingRequest;

export interface Verdict {
  effect: Effect;
  /** The rule that had the last word: a row's id or the name of a default. */
  rule: string;
  /** The row behind `rule`; null for a default. */
  row: PolicyRule | null;
  /** Some rule, if not this one, asks or denies because of when the post is due. */
  isAboutTime: boolean;
}

/**
 * The only place where it is decided what a connection may do unasked. Pure, and says the same whenever it is asked the same.
 *
 * The rules that are about the request and whose condition holds each say allow, ask or deny. Deny beats ask, and ask beats
 * allow, whatever level they stand on: a rule for one connection cannot weaken what an owner ruled for the team. The
 * exception is spelled out: an allow silences asks and denies of the same condition that are less specific than it (those of
 * the client or the team where it is of the connection; those that name fewer of channel and tool where the level is the
 * same). It silences no other condition: who may publish always is still held to a cap. And what a connection is allowed
 * at its first posts, which its person says at consent, lifts the default alone and no rule.
 * Of the rules that say the same, the most specific gives its name, then the first in the order of the conditions, then of
 * the ids.
 *
 * Without a row that says otherwise: `default.allow`; `default.first_use` asks, and any allow for first_use silences it;
 * `default.no_publish_scope` asks whatever a row allows, because a rule cannot give what was not granted.
 */
export function decide(table: PolicyTable, request: PolicyRequest): Verdict {
  const allowedFrom = CONDITIONS.map(() => Number.POSITIVE_INFINITY);
  let isAboutTime = false;
  let isFirstUseAllowed = false;
  const first: { strictest: Saying | null; allow: Saying } = { strictest: null, allow: DEFAULTS.allow };
  visitRules(table, request, (row, rank) => {
    if (!isAbout(row, request) || !holds(row, request)) return;
    const order = CONDITIONS.indexOf(row.condition);
    if (row.effect === 'allow') {
      isFirstUseAllowed ||= order === FIRST_USE;
      if (!isOfConsent(row)) allowedFrom[order] = Math.min(allowedFrom[order]!, rank);
      first.allow = firstOf(first.allow, { effect: 'allow', rule: row.id, row, rank, order });
    } else if (rank <= allowedFrom[order]!) {
      isAboutTime ||= TIME_CONDITIONS.has(row.condition);
      first.strictest = firstOf(first.strictest, { effect: row.effect, rule: row.id, row, rank, order });
    }
  });
  if (request.kind === 'publishing') {
    if (!request.mayPublish) first.strictest = firstOf(first.strictest, DEFAULTS.noPublishScope);
    else if (request.isFirstUse && !isFirstUseAllowed)
      first.strictest = firstOf(first.strictest, DEFAULTS.firstUse);
  }
  const { effect, rule, row } = first.strictest ?? first.allow;
  return { effect, rule, row, isAboutTime };
}

interface Saying extends Omit<Verdict, 'isAboutTime'> {
  rank: number;
  order: number;
}

/** Those that may say something else of another time. */
export const TIME_CONDITIONS: ReadonlySet<Condition> = new Set(['daily_cap', 'quiet_hours', 'after']);
const FIRST_USE = CONDITIONS.indexOf('first_use');
const STRICTNESS: Readonly<Record<Effect, number>> = { allow: 0, ask: 1, deny: 2 };

const byDefault = (effect: Effect, rule: DefaultRule): Saying => {
  return { effect, rule, row: null, rank: DEFAULT_RANK, order: CONDITIONS.length };
};
const DEFAULTS = {
  allow: byDefault('allow', 'default.allow'),
  firstUse: byDefault('ask', 'default.first_use'),
  noPublishScope: byDefault('ask', 'default.no_publish_scope'),
};

function firstOf(known: Saying | null, next: Saying): Saying {
  if (!known) return next;
  const difference =
    STRICTNESS[known.effect] - STRICTNESS[next.effect] || next.rank - known.rank || next.order - known.order;
  if (difference !== 0) return difference > 0 ? known : next;
  return known.rule <= next.rule ? known : next;
}

/** Anybody who may connect a client says this for their own connection. */
function isOfConsent({ condition, effect, connectionId }: PolicyRule): boolean {
  return condition === 'first_use' && effect === 'allow' && connectionId !== null;
}

function isAbout(row: PolicyRule, request: PolicyRequest): boolean {
  if (row.connectionId !== null && row.clientId !== null && row.clientId !== request.clientId) return false;
  return request.kind === 'publishing' || row.tool !== null;
}

function holds(row: PolicyRule, request: PolicyRequest): boolean {
  if (row.condition === 'always') return true;
  // The other conditions are about a post on a channel at a time.
  if (request.kind === 'tool') return false;
  switch (row.condition) {
    case 'daily_cap':
      return request.postsThatDay[levelOf(row)] >= row.postsPerDay!;
    case 'quiet_hours':
      return isBetween(request.wallTime, row.quietFrom!, row.quietTo!);
    case 'first_use':
      return request.isFirstUse;
    case 'after':
      return request.dueAt >= row.afterAt!;
  }
}

/** Whose posts a cap counts. */
export function levelOf(row: PolicyRule): keyof PublishingRequest['postsThatDay'] {
  if (row.connectionId !== null) return 'connection';
  return row.clientId !== null ? 'client' : 'team';
}

/** From the first minute, up to the second, which is not included; a later first crosses midnight, the same is all day. */
function isBetween(wallTime: string, from: string, to: string): boolean {
  return from < to ? wallTime >= from && wallTime < to : wallTime >= from || wallTime < to;
}

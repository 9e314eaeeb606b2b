import { invalidInput } from '../errors.ts';
import { readMoment } from '../posts/post-time.ts';
import { CONDITIONS, EFFECTS, type Condition, type PolicyRule } from './policy-rule.ts';
import { PUBLISHING_TOOLS, TOOL_NAMES } from './tool-names.ts';

/** A rule as a form gives it; what it leaves out or empty is any. */
export interface RuleInput {
  clientId?: string | undefined;
  connectionId?: string | undefined;
  tool?: string | undefined;
  channelId?: string | undefined;
  condition: string;
  effect: string;
  /** daily_cap: a whole number. */
  postsPerDay?: string | undefined;
  /** quiet_hours: HH:MM. */
  quietFrom?: string | undefined;
  quietTo?: string | undefined;
  /** after: a date or a wall time in the team's zone. */
  afterAt?: string | undefined;
}

export type RuleFields = Omit<PolicyRule, 'id'>;

/**
 * The fields that the condition is about, and only those; whether ids are the team's is not looked at.
 * @throws AppError InvalidInput naming the field
 */
export function checkRule(input: RuleInput, timeZone: string): RuleFields {
  const condition = CONDITIONS.find((name) => name === input.condition);
  if (!condition) throw invalid('condition', 'Choose when the rule speaks.');
  const effect = EFFECTS.find((name) => name === input.effect);
  if (!effect) throw invalid('effect', 'Choose what the rule says: allow, ask or deny.');
  const fields: RuleFields = {
    clientId: input.connectionId ? null : input.clientId || null,
    connectionId: input.connectionId || null,
    tool: input.tool || null,
    channelId: input.channelId || null,
    condition,
    effect,
    postsPerDay: condition === 'daily_cap' ? readPostsPerDay(input.postsPerDay ?? '') : null,
    quietFrom: condition === 'quiet_hours' ? readWallTime(input.quietFrom, 'quiet_from') : null,
    quietTo: condition === 'quiet_hours' ? readWallTime(input.quietTo, 'quiet_to') : null,
    afterAt: condition === 'after' ? readAfterAt(input.afterAt, timeZone) : null,
  };
  assertMakesSense(fields);
  return fields;
}

const ALLOWABLE: ReadonlySet<Condition> = new Set(['always', 'quiet_hours', 'first_use']);

function assertMakesSense(fields: RuleFields): void {
  const { condition, effect, tool, channelId, quietFrom, quietTo } = fields;
  if (tool !== null && !TOOL_NAMES.includes(tool)) throw invalid('tool', 'There is no such tool.');
  if (tool !== null && !PUBLISHING_TOOLS.includes(tool) && (condition !== 'always' || channelId !== null)) {
    throw invalid(
      'tool',
      `${tool} puts nothing on the calendar: a rule about it holds always and for every channel.`,
    );
  }
  if (condition === 'daily_cap' && tool !== null) {
    throw invalid('tool', 'A daily cap counts whatever goes out: choose no tool for it.');
  }
  if (effect === 'allow' && !ALLOWABLE.has(condition)) {
    throw invalid('effect', 'A daily cap and a last day ask or deny; they allow nothing.');
  }
  if (effect === 'allow' && condition !== 'first_use' && isAboutEverything(fields)) {
    throw invalid(
      'effect',
      'No rule is wider than this one, so it would be an exception from nothing. Choose whom, which channel or which tool it is about.',
    );
  }
  if (condition === 'first_use' && effect === 'deny') {
    throw invalid('effect', 'A first post that is denied is never made. Deny the channel always instead.');
  }
  if (quietFrom !== null && quietFrom === quietTo) {
    throw invalid('quiet_to', 'Quiet hours need an end that differs from their beginning.');
  }
}

function isAboutEverything({ clientId, connectionId, tool, channelId }: RuleFields): boolean {
  return [clientId, connectionId, tool, channelId].every((id) => id === null);
}

const MAX_POSTS_PER_DAY = 1_000;

/** @throws AppError InvalidInput (`posts_per_day`) */
export function readPostsPerDay(text: string): number {
  const posts = /^\d{1,4}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (posts <= MAX_POSTS_PER_DAY) return posts;
  throw invalid('posts_per_day', `Give a whole number of posts a day, at most ${MAX_POSTS_PER_DAY}.`);
}

function readWallTime(text = '', field: string): string {
  if (/^(?:[01]\d|2[0-3]):[0-5]\d$/.test(text)) return text;
  throw invalid(field, 'Give a time of day such as 22:00.');
}

function readAfterAt(text = '', timeZone: string): Date {
  return readMoment(text.trim(), timeZone, 'after_at');
}

function invalid(field: string, message: string) {
  return invalidInput({ code: 'invalid_rule', field, message });
}

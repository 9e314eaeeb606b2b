import type { PolicyRequest, PublishingRequest } from '../../server/policy/decide.ts';
import type { Condition, Effect, PolicyRule } from '../../server/policy/policy-rule.ts';

/**
 * What `decide` must say, read off its description one sentence after the other, over the plain list of rules and without
 * any of its code: every pair of rules is compared.
 */
export function askOracle(
  rules: readonly PolicyRule[],
  request: PolicyRequest,
): { effect: Effect; rule: string } {
  const speaking = rules.filter((rule) => isAboutIt(rule, request) && isItsTime(rule, request));
  const heard = speaking.filter(
    (rule) =>
      rule.effect === 'allow' ||
      !speaking.some(
        (exception) =>
          exception.effect === 'allow' &&
          exception.condition === rule.condition &&
          !(exception.condition === 'first_use' && exception.connectionId) &&
          isMoreSpecific(exception, rule),
      ),
  );
  const effects = new Set<Effect>(heard.map(({ effect }) => effect));
  const isFirstUseAllowed = speaking.some(
    ({ condition, effect }) => condition === 'first_use' && effect === 'allow',
  );
  let byDefault: string | null = null;
  if (request.kind === 'publishing' && !request.mayPublish) byDefault = 'default.no_publish_scope';
  else if (request.kind === 'publishing' && request.isFirstUse && !isFirstUseAllowed)
    byDefault = 'default.first_use';
  if (byDefault) effects.add('ask');
  const effect = (['deny', 'ask', 'allow'] as const).find((one) => effects.has(one)) ?? 'allow';
  const [named] = heard.filter((rule) => rule.effect === effect).toSorted(byName);
  return { effect, rule: named?.id ?? (effect === 'allow' ? 'default.allow' : byDefault!) };
}

function isAboutIt(rule: PolicyRule, request: PolicyRequest): boolean {
  const members = ['connectionId', 'clientId', 'channelId', 'tool'] as const;
  if (members.some((member) => rule[member] !== null && rule[member] !== request[member])) return false;
  return request.kind === 'publishing' ? true : rule.tool === request.tool;
}

function isItsTime(rule: PolicyRule, request: PolicyRequest): boolean {
  if (rule.condition === 'always') return true;
  if (request.kind === 'tool') return false;
  const times: Record<Exclude<Condition, 'always'>, () => boolean> = {
    daily_cap: () => countFor(rule, request) >= rule.postsPerDay!,
    quiet_hours: () =>
      minutesSince(rule.quietFrom!, request.wallTime) <
      (minutesSince(rule.quietFrom!, rule.quietTo!) || 1440),
    first_use: () => request.isFirstUse,
    after: () => request.dueAt.getTime() - rule.afterAt!.getTime() >= 0,
  };
  return times[rule.condition]();
}

function countFor(rule: PolicyRule, { postsThatDay }: PublishingRequest): number {
  if (rule.connectionId) return postsThatDay.connection;
  return rule.clientId ? postsThatDay.client : postsThatDay.team;
}

/** How long after `from`, going round the clock. */
function minutesSince(from: string, time: string): number {
  const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  return (minutes(time) - minutes(from) + 1440) % 1440;
}

/** Of the connection before of the client before of the team; then by how many of channel and tool it names. */
function specificity(rule: PolicyRule): number {
  const level = rule.connectionId ? 200 : rule.clientId ? 100 : 0;
  return level + Number(rule.channelId !== null) + Number(rule.tool !== null);
}

const isMoreSpecific = (a: PolicyRule, b: PolicyRule) => specificity(a) > specificity(b);

const ORDER = ['always', 'daily_cap', 'quiet_hours', 'first_use', 'after'];

function byName(a: PolicyRule, b: PolicyRule): number {
  return (
    specificity(b) - specificity(a) ||
    ORDER.indexOf(a.condition) - ORDER.indexOf(b.condition) ||
    (a.id < b.id ? -1 : 1)
  );
}

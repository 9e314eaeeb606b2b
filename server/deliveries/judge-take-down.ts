import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notAllowed } from '../errors.ts';
import { judgePublishing } from '../policy/judge-publishing.ts';
import { withoutConditions } from '../policy/policy-table.ts';
import { connectionUrl } from '../policy/policy-urls.ts';
import { verdictWords } from '../policy/rule-words.ts';

/**
 * A connection takes down only where it may publish unasked: what a person must be asked about is not removed without one.
 * How many posts go out and at which hour does not count here.
 * @throws AppError NotAllowed (`policy_denied`, `needs_person`) naming channel and rule
 */
export async function judgeTakeDown(
  context: Context,
  caller: Caller,
  live: readonly { channelId: string }[],
): Promise<void> {
  if (caller.kind === 'person') return;
  const { teamId, clientId, connectionId, policyVersion } = caller;
  const table = await context.policies.tableOf(teamId, policyVersion);
  const [team] = await context.db.$queryRaw<{ timeZone: string; now: Date }[]>`
    select time_zone as "timeZone", clock_timestamp() as now from team where id = ${teamId}`;
  const { timeZone, now: dueAt } = team!;
  const channelIds = live.map(({ channelId }) => channelId);
  const who = { teamId, clientId, connectionId, mayPublish: true, tool: 'take_down_post' };
  const verdicts = await judgePublishing(
    context.db,
    withoutConditions(table, ['daily_cap', 'quiet_hours']),
    { ...who, dueAt, timeZone, channelIds },
    { counted: 'sent', exceptDeliveryIds: [] },
  );
  for (const [channelId, verdict] of verdicts) {
    if (verdict.effect === 'allow') continue;
    const isDenied = verdict.effect === 'deny';
    throw notAllowed({
      code: isDenied ? 'policy_denied' : 'needs_person',
      ruleId: verdict.rule,
      message: `Nothing was taken down, because of a rule on channel ${channelId}: ${verdictWords(verdict, timeZone)}.`,
      nextStep: `Leave this channel out, or ask the person to take the post down in the dashboard; the rule is on ${connectionUrl(context, connectionId)}.`,
    });
  }
}

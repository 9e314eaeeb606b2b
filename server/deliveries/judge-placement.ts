import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { notAllowed } from '../errors.ts';
import { TIME_CONDITIONS, type Verdict } from '../policy/decide.ts';
import { judgePublishing } from '../policy/judge-publishing.ts';
import { connectionUrl } from '../policy/policy-urls.ts';
import { verdictWords } from '../policy/rule-words.ts';
import type { LockedDelivery, LockedPost } from './lock-post.ts';
import type { PlacedDelivery } from './place-deliveries.ts';

export interface PlacementWish {
  tool: 'schedule_post' | 'publish_post';
  dueAt: Date;
}

/**
 * How deliveries go on the calendar under the caller. A person is their own yes. Under a connection the team's rules say:
 * what they ask about waits for a person, unless a person approved this very revision; what a person refused waits again.
 * A yes was given to a time too: moved to another one, a post waits again where a rule asks because of its time.
 * @throws AppError NotAllowed (`policy_denied`) naming channel and rule, whatever the others would be
 */
export async function judgePlacement(
  context: Context,
  tx: Transaction,
  caller: Caller,
  post: LockedPost,
  deliveries: readonly LockedDelivery[],
  { tool, dueAt }: PlacementWish,
): Promise<PlacedDelivery[]> {
  if (caller.kind === 'person') {
    return deliveries.map((delivery) => ({ delivery, state: 'scheduled', rule: null }));
  }
  const { teamId, clientId, connectionId } = caller;
  const table = await context.policies.tableOf(teamId, post.policyVersion);
  const mayPublish = caller.scopes.has('posts:publish');
  const channelIds = deliveries.map(({ channelId }) => channelId);
  const verdicts = await judgePublishing(
    tx,
    table,
    { teamId, clientId, connectionId, mayPublish, tool, dueAt, timeZone: post.timeZone, channelIds },
    { counted: 'placed', exceptDeliveryIds: deliveries.map(({ id }) => id) },
  );
  return deliveries.map((delivery) => {
    const verdict = verdicts.get(delivery.channelId)!;
    if (verdict.effect === 'deny') {
      throw notAllowed({
        code: 'policy_denied',
        ruleId: verdict.rule,
        message: `Nothing was scheduled, because of a rule on channel ${delivery.channelId}: ${verdictWords(verdict, post.timeZone)}.`,
        nextStep: `Leave this channel out${isAboutWhen(verdict) ? ', or choose another time' : ''}, or tell the person: what this connection may do is on ${connectionUrl(context, connectionId)} in the dashboard.`,
      });
    }
    const isTimeSaidYesTo = delivery.isTimeApproved && delivery.dueAt?.getTime() === dueAt.getTime();
    const isSaidYesTo = post.decision === 'approved' && (!verdict.isAboutTime || isTimeSaidYesTo);
    const isAllowed = post.decision !== 'rejected' && verdict.effect === 'allow';
    const isUnasked = isSaidYesTo || isAllowed;
    return { delivery, state: isUnasked ? 'scheduled' : 'awaiting_approval', rule: verdict.rule };
  });
}

/** The rule itself would say something else of another time. */
function isAboutWhen({ row }: Verdict): boolean {
  return row !== null && TIME_CONDITIONS.has(row.condition);
}

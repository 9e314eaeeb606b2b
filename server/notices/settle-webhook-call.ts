import type { Context } from '../context.ts';
import { RETRY_SECONDS, type ClaimedCall } from './claim-webhook-calls.ts';

export interface CallResult {
  /** A status, or a code for no answer. */
  outcome: string;
  /** gone: the receiver wants no more calls (410). */
  verdict: 'delivered' | 'again' | 'gone';
}

/**
 * What a call came to. When the last try of one failed, or the receiver is gone, the webhook is told nothing more until an
 * owner turns it on again; unless another call got through since.
 */
export async function settleWebhookCall(
  context: Context,
  { webhookId, noticeId, tries, createdAt }: ClaimedCall,
  { outcome, verdict }: CallResult,
): Promise<void> {
  const pauseSeconds = verdict === 'again' ? RETRY_SECONDS[tries - 1] : undefined;
  const isGivenUp = verdict !== 'delivered' && pauseSeconds === undefined;
  await context.db.$executeRaw`
    with settled as (
      update webhook_call set last_outcome = ${outcome},
        delivered_at = case when ${verdict} = 'delivered' then clock_timestamp() end,
        not_before = clock_timestamp() + make_interval(secs => ${pauseSeconds ?? null}::float8)
      where webhook_id = ${webhookId} and notice_id = ${noticeId} and tries = ${tries}
      returning webhook_id
    )
    update webhook w set disabled_at = clock_timestamp()
    from settled
    where w.id = settled.webhook_id and w.disabled_at is null and ${isGivenUp}::boolean
      and (${verdict} = 'gone' or not exists (
        select from webhook_call c where c.webhook_id = w.id and c.delivered_at > ${createdAt}))`;
  if (isGivenUp) await endWaitingCalls(context, webhookId);
}

/** What waits for a webhook that is told nothing any more is over. */
async function endWaitingCalls({ db }: Context, webhookId: string): Promise<void> {
  await db.$executeRaw`
    update webhook_call c set not_before = null
    from webhook w
    where w.id = c.webhook_id and w.id = ${webhookId} and w.disabled_at is not null and c.not_before is not null`;
}

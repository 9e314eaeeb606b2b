import type { Context } from '../context.ts';

/** Seconds from one try to the next, as Standard Webhooks proposes: about three days in all. */
export const RETRY_SECONDS = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
/** A call that is under way is not taken again before this, whatever its worker does. */
const CALL_SECONDS = 60;

export interface ClaimedCall {
  teamId: string;
  webhookId: string;
  noticeId: string;
  url: string;
  sealedSecret: Uint8Array;
  /** This one included. */
  tries: number;
  kind: string;
  target: string;
  detail: unknown;
  /** When it happened. */
  createdAt: Date;
  /** PostgreSQL's clock. */
  now: Date;
}

/** Takes calls that are due; one whose worker dies is due again after a minute. */
export async function claimWebhookCalls(context: Context, limit: number): Promise<ClaimedCall[]> {
  return context.db.$queryRaw<ClaimedCall[]>`
    with due as materialized (
      select webhook_id, notice_id from webhook_call
      where not_before <= (select clock_timestamp())
      order by not_before limit ${limit}::int for update skip locked
    )
    update webhook_call c set tries = c.tries + 1,
      not_before = clock_timestamp() + make_interval(secs => ${CALL_SECONDS})
    from due, webhook w, notice n
    where c.webhook_id = due.webhook_id and c.notice_id = due.notice_id and w.id = c.webhook_id and n.id = c.notice_id
    returning c.team_id as "teamId", c.webhook_id as "webhookId", c.notice_id as "noticeId", w.url,
      w.sealed_secret as "sealedSecret", c.tries, n.kind, n.target, n.detail, n.created_at as "createdAt",
      clock_timestamp() as now`;
}

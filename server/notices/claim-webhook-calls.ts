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

/**
 * Takes calls that are due, few of each team, so that one whose receivers are slow or many keeps no other waiting; one whose
 * worker dies is due again after a minute.
 * @param underWay how many calls of a team this process has in hand already
 */
export async function claimWebhookCalls(
  context: Context,
  {
    limit,
    limitOfTeam,
    underWay,
  }: { limit: number; limitOfTeam: number; underWay: ReadonlyMap<string, number> },
): Promise<ClaimedCall[]> {
  return context.db.$queryRaw<ClaimedCall[]>`
    with due as (
      select w.team_id, c.webhook_id, c.notice_id, c.not_before,
        row_number() over (partition by w.team_id order by c.not_before) as place
      from webhook w cross join lateral (
        select c.webhook_id, c.notice_id, c.not_before from webhook_call c
        where c.webhook_id = w.id and c.not_before <= (select clock_timestamp())
        order by c.not_before limit ${limitOfTeam}::int
      ) c
    ),
    fair as (
      select due.webhook_id, due.notice_id
      from due left join unnest(${[...underWay.keys()]}::text[], ${[...underWay.values()]}::int[]) as busy (team_id, calls)
        on busy.team_id = due.team_id
      where due.place <= ${limitOfTeam}::int - coalesce(busy.calls, 0)
      order by due.place, due.not_before limit ${limit}::int
    ),
    taken as materialized (
      select c.webhook_id, c.notice_id
      from webhook_call c join fair on fair.webhook_id = c.webhook_id and fair.notice_id = c.notice_id
      where c.not_before <= clock_timestamp()
      for update of c skip locked
    )
    update webhook_call c set tries = c.tries + 1,
      not_before = clock_timestamp() + make_interval(secs => ${CALL_SECONDS})
    from taken, webhook w, notice n
    where c.webhook_id = taken.webhook_id and c.notice_id = taken.notice_id and w.id = c.webhook_id and n.id = c.notice_id
    returning c.team_id as "teamId", c.webhook_id as "webhookId", c.notice_id as "noticeId", w.url,
      w.sealed_secret as "sealedSecret", c.tries, n.kind, n.target, n.detail, n.created_at as "createdAt",
      clock_timestamp() as now`;
}

import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { ASKING_PROBLEMS } from './delivery-state.ts';
import { openRequestsSql } from './requested-posts-sql.ts';

/** A post whose present revision waits for a person's yes, on the calendar or not. */
export interface AwaitingPost {
  id: string;
  /** The beginning of the text. */
  excerpt: string;
  /** The earliest time of what waits; null: it has none yet. */
  dueAt: Date | null;
  /** That time has come: a yes sends it at once. */
  isDue: boolean;
  /** Until when a request without a time can be answered; null for what is on the calendar. */
  expiresAt: Date | null;
  askedBy: { personName: string; clientName: string | null } | null;
  /** Whose name stands on the request, where it is not the caller's and that person may still answer. */
  askedOf: string | null;
  channels: { network: string; handle: string; imitates: string | null }[];
}

/** More than anybody decides in one go; after some decisions the rest comes up. */
const LIMIT = 100;
/** What was missed for want of a yes is asked about for so long; later nobody means it any more. */
const MISSED_DAYS = 7;

/**
 * Everything in the team that waits for a yes or a no: by the time it is due, the earliest first, then what has no time, by
 * the end of the request. What was decided against waits for nobody.
 */
export async function listAwaiting(
  { db }: Pick<Context, 'db'>,
  { teamId, personId }: PersonCaller,
): Promise<AwaitingPost[]> {
  return db.$queryRaw<AwaitingPost[]>`
    with placed as (
      select d.post_id, min(d.due_at) as due_at, null::timestamptz as expires_at, null::text as reviewer_id,
        (array_agg(d.scheduled_by_connection_id order by d.due_at, d.id))[1] as connection_id,
        (array_agg(d.scheduled_by_person_id order by d.due_at, d.id))[1] as person_id
      from delivery d join post p on p.id = d.post_id and p.rev = d.rev and p.discarded_at is null
      where d.team_id = ${teamId} and (d.state = 'awaiting_approval'
        or d.state in ('held', 'missed') and d.problem_code = any(${[...ASKING_PROBLEMS]})
          and (d.state = 'held' or d.due_at > clock_timestamp() - make_interval(days => ${MISSED_DAYS}::int)))
      group by d.post_id
    ),
    requested as (
      select q.post_id, null::timestamptz as due_at, max(q.expires_at) as expires_at,
        (array_agg(q.reviewer_id order by q.expires_at desc))[1] as reviewer_id,
        (array_agg(q.requested_by_connection_id order by q.expires_at desc))[1] as connection_id,
        (array_agg(q.requested_by_person_id order by q.expires_at desc))[1] as person_id
      ${openRequestsSql(teamId)}
        and exists (select from delivery d where d.post_id = q.post_id and d.state not in ('published', 'taken_down'))
        and not exists (select from placed where placed.post_id = q.post_id)
      group by q.post_id
    ),
    asked as (select * from placed union all select * from requested)
    select p.id, left(regexp_replace(r.text, '\\s+', ' ', 'g'), 140) as excerpt, a.due_at as "dueAt",
      coalesce(a.due_at <= clock_timestamp(), false) as "isDue", a.expires_at as "expiresAt",
      case when coalesce(owner.name, asker.name) is not null then
        json_build_object('personName', coalesce(owner.name, asker.name), 'clientName', c.client_name) end as "askedBy",
      (select named.name from membership m join person named on named.id = m.person_id
       where m.team_id = ${teamId} and m.person_id = a.reviewer_id and m.person_id <> ${personId}
         and m.role in ('owner', 'editor') and named.disabled_at is null) as "askedOf",
      (select json_agg(json_build_object('network', ch.network, 'handle', ch.handle, 'imitates', ch.imitates) order by d.id)
       from delivery d join channel ch on ch.id = d.channel_id where d.post_id = p.id) as channels
    from asked a
    join post p on p.id = a.post_id
    join post_revision r on r.post_id = p.id and r.rev = p.rev
    left join connection c on c.id = a.connection_id
    left join person owner on owner.id = c.person_id
    left join person asker on asker.id = a.person_id
    order by a.due_at nulls last, a.expires_at, p.id
    limit ${LIMIT}`;
}

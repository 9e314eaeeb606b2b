import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';

/** What a person has done of what makes the product useful. */
export interface FirstSteps {
  /** A client of this person may act for the team. */
  isAllowed: boolean;
  /** Such a client has called. */
  hasCalled: boolean;
  /** The team has a channel on a network outside. */
  isLinked: boolean;
  /** The team published something on the Playground. */
  hasPractised: boolean;
  /** All was done before yesterday: nobody needs to be told. */
  isLongDone: boolean;
}

export async function findFirstSteps(
  context: Pick<Context, 'db'>,
  { teamId, personId }: PersonCaller,
): Promise<FirstSteps> {
  const [row] = await context.db.$queryRaw<[FirstSteps]>`
    with steps as (
      select
        (select count(*) > 0 from connection c
         where c.team_id = ${teamId} and c.person_id = ${personId} and c.revoked_at is null) as allowed,
        (select min(c.first_used_at) from connection c
         where c.team_id = ${teamId} and c.person_id = ${personId} and c.revoked_at is null) as called_at,
        (select min(c.created_at) from channel c
         where c.team_id = ${teamId} and c.network <> 'playground' and c.disconnected_at is null) as linked_at,
        (select d.published_at from delivery d join channel c on c.id = d.channel_id and c.network = 'playground'
         where d.team_id = ${teamId} and d.state in ('published', 'taken_down') and d.published_at is not null
         order by coalesce(d.published_at, d.due_at) limit 1) as practised_at)
    select allowed as "isAllowed", called_at is not null as "hasCalled", linked_at is not null as "isLinked",
      practised_at is not null as "hasPractised",
      called_at is not null and linked_at is not null and practised_at is not null
        and greatest(called_at, linked_at, practised_at) < clock_timestamp() - interval '1 day' as "isLongDone"
    from steps`;
  return row;
}

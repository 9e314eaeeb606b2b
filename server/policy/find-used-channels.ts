import { Prisma } from '../../prisma/generated/client.ts';
import type { Transaction } from '../database/client.ts';

/**
 * Of these channels, those on which a connection of the client has published, or a person has approved a post of it. A post
 * that it took over from somebody else counts only when the yes came after that: the earlier one was not to this client.
 */
export async function findUsedChannels(
  db: Pick<Transaction, '$queryRaw'>,
  { teamId, clientId, channelIds }: { teamId: string; clientId: string; channelIds: readonly string[] },
): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    with own as materialized (
      select id from connection where team_id = ${teamId} and client_id = ${clientId}
    )
    select ch.id
    from channel ch
    where ch.team_id = ${teamId} and ch.id = any(${channelIds})
      and (exists (${usesSql(Prisma.sql`= any (array['published', 'taken_down'])`)})
        or exists (${usesSql(Prisma.sql`<> all (array['published', 'taken_down'])`)}))`;
  return new Set(rows.map(({ id }) => id));
}

/**
 * The deliveries in these states that make channel `ch` a used one. What went out is looked at first, of which nearly the
 * first answers; `offset 0` keeps PostgreSQL from joining the whole history to see whether there is one.
 */
function usesSql(isInState: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    select from own
    join delivery d on d.scheduled_by_connection_id = own.id and d.channel_id = ch.id and d.state ${isInState}
    join post p on p.id = d.post_id
    cross join lateral (
      select max(a.created_at) as at
      from approval a join post_revision r on r.post_id = a.post_id and r.rev = a.rev
      where a.post_id = d.post_id and a.rev = d.rev and a.content_hash = r.content_hash and a.decision = 'approved'
    ) yes
    where (d.state in ('published', 'taken_down') or yes.at is not null)
      and (yes.at is null or yes.at >= d.scheduled_at or p.created_by_connection_id in (select id from own))
    offset 0`;
}

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
    where ch.team_id = ${teamId} and ch.id = any(${channelIds}) and exists (
      select from delivery d
      join post p on p.id = d.post_id
      cross join lateral (
        select max(a.created_at) as at
        from approval a join post_revision r on r.post_id = a.post_id and r.rev = a.rev
        where a.post_id = d.post_id and a.rev = d.rev and a.content_hash = r.content_hash
          and a.decision = 'approved'
      ) yes
      where d.channel_id = ch.id and d.scheduled_by_connection_id in (select id from own)
        and (d.state in ('published', 'taken_down') or yes.at is not null)
        and (yes.at is null or yes.at >= d.scheduled_at or p.created_by_connection_id in (select id from own)))`;
  return new Set(rows.map(({ id }) => id));
}

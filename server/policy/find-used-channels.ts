import type { Transaction } from '../database/client.ts';

/** Of these channels, those on which a connection of the client has published, or a person has approved a post of it. */
export async function findUsedChannels(
  db: Pick<Transaction, '$queryRaw'>,
  { teamId, clientId, channelIds }: { teamId: string; clientId: string; channelIds: readonly string[] },
): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    select ch.id
    from channel ch
    where ch.team_id = ${teamId} and ch.id = any(${channelIds}) and exists (
      select from delivery d
      where d.channel_id = ch.id
        and d.scheduled_by_connection_id in (
          select c.id from connection c where c.team_id = ${teamId} and c.client_id = ${clientId})
        and (d.state in ('published', 'taken_down') or exists (
          select from approval a join post_revision r on r.post_id = a.post_id and r.rev = a.rev
          where a.post_id = d.post_id and a.rev = d.rev and a.content_hash = r.content_hash
            and a.decision = 'approved')))`;
  return new Set(rows.map(({ id }) => id));
}

import { Prisma } from '../../prisma/generated/client.ts';

/** Over a delivery `d` and its channel `ch`: why it is switched off, or null. */
export const STOPPED_BECAUSE_SQL = Prisma.sql`(
  select k.reason from kill_switch k
  where (k.team_id is null or k.team_id = d.team_id) and case k.kind
    when 'everything' then true
    when 'network' then k.target = ch.network
    when 'channel' then k.target = ch.id
    else k.target = (select c.client_id from connection c where c.id = d.scheduled_by_connection_id) end
  order by k.created_at limit 1)`;

import type { Context } from '../context.ts';

const KEPT_HOURS = 24;
/** However fast clients register: beyond this many that nobody allowed, the oldest go early. */
const MAX_UNUSED = 20_000;
const BATCH = 1000;

/**
 * Forgets clients that nobody ever allowed, a day after they registered, and documents that nobody's client has. A client
 * that had a connection once, revoked or not, stays: an editor may still have it stored, and would be lost without it. One
 * that a person was asked about stays as long as that is remembered, so that the person finds it under Connections.
 * @returns how many clients were deleted; at most 1,000 of each kind at a time
 */
export async function purgeClients(context: Pick<Context, 'db'>, maxUnused = MAX_UNUSED): Promise<number> {
  const deleted = await context.db.$executeRaw`
    delete from client where id in (
      select c.id from client c
      where c.last_used_at is null
        and not exists (select 1 from connection where client_id = c.id)
        and c.created_at < greatest(
          clock_timestamp() - make_interval(hours => ${KEPT_HOURS}::int),
          (select created_at from client where last_used_at is null
           order by created_at desc offset ${maxUnused}::int limit 1))
        and not exists (select 1 from client_event e where e.client_id = c.id and e.kind = 'consent_shown')
        and not exists (
          select 1 from oidc_state s
          where s.kind = 'Interaction' and s.expires_at > clock_timestamp()
            and s.payload->'params'->>'client_id' = c.id)
      order by c.created_at limit ${BATCH}::int
      for update of c skip locked)`;
  await context.db.$executeRaw`
    delete from client_document where url in (
      select d.url from client_document d
      where greatest(d.fetched_at, d.failed_at) < clock_timestamp() - make_interval(hours => ${KEPT_HOURS}::int)
        and not exists (select 1 from client where id = d.url)
      limit ${BATCH}::int
      for update of d skip locked)`;
  return deleted;
}

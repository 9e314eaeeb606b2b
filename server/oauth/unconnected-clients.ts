import type { UnconnectedClient } from '../clients/client-groups.ts';
import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';

import { displayClientName } from './client-name.ts';
import { describeRedirect } from './redirect-policy.ts';

const MAX_CLIENTS = 500;

interface Row {
  clientId: string;
  claimedName: string | null;
  redirectUri: string | null;
  documentBody: string | null;
  at: Date;
}

/**
 * Clients that a person of the team was shown the consent page of and that never connected, denied or left alone; on a
 * server with one team its owner also sees the registrations that nobody ever answered. The latest 500.
 */
export async function findUnconnectedClients(
  context: Context,
  caller: PersonCaller,
): Promise<UnconnectedClient[]> {
  const rows = await context.db.$queryRaw<Row[]>`
    with asked as (
      select e.client_id as id, max(e.at) as at
      from client_event e join membership m on m.person_id = e.person_id and m.team_id = ${caller.teamId}
      where e.kind in ('consent_shown', 'consent_denied') and e.client_id is not null
      group by e.client_id
    ), unanswered as (
      select c.id, c.created_at as at from client c
      where ${caller.role === 'owner'}::boolean and (select count(*) from team) = 1
    ), found as (
      select id, max(at) as at from (select * from asked union all select * from unanswered) either group by id
    )
    select found.id as "clientId", c.payload->>'client_name' as "claimedName",
      c.payload->'redirect_uris'->>0 as "redirectUri", d.body as "documentBody", found.at
    from found left join client c on c.id = found.id left join client_document d on d.url = found.id
    where not exists (select from connection where client_id = found.id)
    order by found.at desc limit ${MAX_CLIENTS}`;
  return rows.map((row) => {
    const { client_name: name, redirect_uris: uris } = parseDocument(row.documentBody);
    return {
      clientId: row.clientId,
      clientName: displayClientName(row.claimedName ?? (typeof name === 'string' ? name : undefined)),
      redirectHost: hostOf(row.redirectUri ?? (Array.isArray(uris) ? (uris as unknown[])[0] : undefined)),
      at: row.at,
    };
  });
}

function parseDocument(body: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body ?? '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function hostOf(redirectUri: unknown): string {
  return typeof redirectUri === 'string' && URL.canParse(redirectUri)
    ? describeRedirect(redirectUri).host
    : 'unknown';
}

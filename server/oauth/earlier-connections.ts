import type { Context } from '../context.ts';
import { parseScopes, SCOPES, withImplied, type Scope } from '../scopes.ts';
import type { ReplaceReason } from '../../views/words/words.ts';

import { isDocumentId } from './client-document.ts';

/** A live connection of the same person for what seems to be the same client. */
export interface EarlierConnection {
  id: string;
  teamId: string;
  clientName: string;
  scopes: Scope[];
  createdAt: Date;
  lastUsedAt: Date | null;
  /** Posts that wait under it. */
  waitingPosts: number;
  /** Why it seems to be the same client; step_up: and it was just told that it needs more. */
  reason: ReplaceReason;
}

export interface AskingClient {
  personId: string;
  teamIds: readonly string[];
  clientId: string;
  clientName: string;
  redirectHost: string;
  verifiedHost: string | null;
  requested: readonly Scope[];
}

/** How long after a refusal for want of a scope a new authorization counts as the answer to it. */
const STEP_UP_MINUTES = 30;

/**
 * The connections that this authorization may be meant to replace, the likeliest first; at most 20. An editor that
 * registered anew has another client id: it is known by its name and where it is answered, which anybody can copy.
 */
export async function findEarlierConnections(
  context: Context,
  client: AskingClient,
): Promise<EarlierConnection[]> {
  const { personId, teamIds, clientId, clientName, redirectHost, verifiedHost } = client;
  const rows = await context.db.$queryRaw<EarlierRow[]>`
    select c.id, c.team_id as "teamId", c.client_id as "clientId", c.client_name as "clientName", c.scopes,
      c.created_at as "createdAt", c.last_used_at as "lastUsedAt",
      (select count(distinct d.post_id)::int from delivery d
       where d.scheduled_by_connection_id = c.id
         and d.state in ('scheduled', 'claimed', 'prepared', 'awaiting_approval')) as "waitingPosts",
      exists (select from client_event e
        where e.connection_id = c.id and e.kind = 'scope_challenged'
          and e.at > clock_timestamp() - make_interval(mins => ${STEP_UP_MINUTES}::int)) as "wasChallenged"
    from connection c
    where c.person_id = ${personId} and c.team_id = any(${[...teamIds]}) and c.revoked_at is null
      and (c.ends_at is null or c.ends_at > clock_timestamp())
      and (c.client_id = ${clientId}
        or c.client_id like 'https://%' and split_part(c.client_id, '/', 3) = ${verifiedHost}
        or c.client_name = ${clientName} and c.redirect_host = ${redirectHost})
    order by c.client_id = ${clientId} desc, coalesce(c.last_used_at, c.created_at) desc, c.id
    limit 20`;
  return rows.map(({ scopes, wasChallenged, clientId: earlierId, ...row }) => {
    const held = parseScopes(scopes.join(' '));
    const reason = findReason(client, { clientId: earlierId, held, wasChallenged });
    return { ...row, scopes: held, reason };
  });
}

interface EarlierRow extends Omit<EarlierConnection, 'scopes' | 'reason'> {
  clientId: string;
  scopes: string[];
  wasChallenged: boolean;
}

/**
 * Asking for everything proves nothing: clients do that at first too, and a person who allowed less would be led to allow
 * more. So it is a step-up when this very connection was refused just now, or the registration asks for some more; never by
 * a name alone: a second computer's editor would end the first one's connection, and a copied name be led to its scopes.
 */
function findReason(
  { clientId, requested }: AskingClient,
  earlier: { clientId: string; held: readonly Scope[]; wasChallenged: boolean },
): ReplaceReason {
  // All installations of a client with a metadata document have one id; a registration belongs to one of them.
  const isDocument = isDocumentId(clientId);
  const isSameClient = earlier.clientId === clientId;
  const isSameRegistration = isSameClient && !isDocument;
  const held = withImplied(earlier.held);
  const asksForMore = requested.some((scope) => !held.includes(scope));
  const asksForSomeMore =
    asksForMore &&
    requested.length < SCOPES.length &&
    earlier.held.every((scope) => requested.includes(scope));
  const isAnswerToRefusal = isSameClient && earlier.wasChallenged && asksForMore;
  if (isAnswerToRefusal || (isSameRegistration && !earlier.wasChallenged && asksForSomeMore))
    return 'step_up';
  if (isSameRegistration) return 'same_registration';
  return isDocument && isDocumentId(earlier.clientId) ? 'same_document' : 'same_name';
}

/** What is ticked unless the person unticks it: where there is no doubt that it is the same installation. */
export function isReplacedByDefault({ reason }: EarlierConnection): boolean {
  return reason === 'step_up' || reason === 'same_registration';
}

import type Provider from 'oidc-provider';

import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { newId } from '../ids.ts';
import { writePublishingPolicy, type PublishingPolicy } from '../policy/publishing-policy.ts';
import type { Scope } from '../scopes.ts';

import { ensureClientRow } from './ensure-client-row.ts';
import { replaceConnections } from './replace-connections.ts';
import { mcpResourceOf } from './resource.ts';

export interface NewConnection {
  personId: string;
  teamId: string;
  clientId: string;
  clientName: string;
  redirectHost: string;
  /** What the client asked for; the library asks again until each is granted or rejected. */
  requested: readonly Scope[];
  granted: readonly Scope[];
  /** OpenID scopes that were asked for. */
  protocolScopes: readonly string[];
  /** How it may publish without asking; null when it may not. */
  policy: PublishingPolicy | null;
  /** Earlier connections of the same person and client that end now. */
  replacedIds: readonly string[];
  /** The network address of the browser. */
  address: string;
}

/**
 * A person's yes: a connection, and the token family that belongs to it.
 * @returns the id of the library's grant
 */
export async function connectClient(
  context: Context,
  provider: Provider,
  input: NewConnection,
): Promise<string> {
  const connectionId = newId('connection');
  await context.db.$transaction((tx) => writeConnection(tx, connectionId, input));
  const grant = new provider.Grant({ accountId: input.personId, clientId: input.clientId });
  const resource = mcpResourceOf(context);
  const rejected = input.requested.filter((scope) => !input.granted.includes(scope));
  grant.addResourceScope(resource, input.granted.join(' '));
  if (rejected.length > 0) grant.rejectResourceScope(resource, rejected.join(' '));
  if (input.protocolScopes.length > 0) grant.addOIDCScope(input.protocolScopes.join(' '));
  return Object.assign(grant, { connectionId }).save();
}

/** The team's row is locked last, by the policy: others lock it after deliveries and connections too. */
async function writeConnection(tx: Transaction, connectionId: string, input: NewConnection): Promise<void> {
  const { personId, teamId, clientId, clientName, redirectHost, granted, policy, replacedIds } = input;
  await ensureClientRow(tx, clientId);
  await tx.connection.create({
    data: { id: connectionId, personId, teamId, clientId, clientName, redirectHost, scopes: [...granted] },
  });
  const movedPosts =
    replacedIds.length === 0
      ? 0
      : await replaceConnections(tx, {
          ...{ teamId, personId, granted, policy },
          newConnectionId: connectionId,
          oldConnectionIds: replacedIds,
        });
  const replaced = replacedIds.length > 0 ? { replaces: replacedIds, movedPosts } : {};
  const detail = { clientName, redirectHost, scopes: granted, ...(policy && { policy }), ...replaced };
  await tx.$executeRaw`
    insert into activity (id, team_id, at, actor, person_id, connection_id, action, target, result, address, detail)
    values (${newId('activity')}, ${teamId}, clock_timestamp(), 'person', ${personId}, ${connectionId},
      'connection.created', ${connectionId}, 'ok', ${input.address}, ${JSON.stringify(detail)}::jsonb)`;
  if (policy) await writePublishingPolicy(tx, { teamId, connectionId, personId }, policy);
}

/**
 * Lets a grant carry its connection's id to the adapter. The library has no public way to store a member of ours with
 * a grant, so this also makes sure, at start-up, that the way we take still works.
 */
export function bindGrantsToConnections(provider: Provider): void {
  const model = provider.Grant as unknown as { IN_PAYLOAD: string[] };
  const members = [...model.IN_PAYLOAD, 'connectionId'];
  Object.defineProperty(model, 'IN_PAYLOAD', { get: () => members });
  const probe = new provider.Grant({ accountId: 'probe', clientId: 'probe', connectionId: 'probe' } as never);
  if ((probe as unknown as { connectionId?: string }).connectionId !== 'probe') {
    throw new Error(
      'oidc-provider no longer stores what Grant.IN_PAYLOAD names: grants would lose their connection',
    );
  }
}

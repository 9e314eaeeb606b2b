import type Provider from 'oidc-provider';

import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import type { Scope } from '../scopes.ts';

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
  await context.db.$transaction(async (tx) => {
    const { personId, teamId, clientId, clientName, redirectHost, granted } = input;
    await tx.connection.create({
      data: { id: connectionId, personId, teamId, clientId, clientName, redirectHost, scopes: [...granted] },
    });
    await tx.activity.create({
      data: {
        id: newId('activity'),
        teamId,
        actor: 'person',
        personId,
        connectionId,
        action: 'connection.created',
        target: connectionId,
        result: 'ok',
        detail: { clientName, redirectHost, scopes: [...granted] },
      },
    });
  });
  const grant = new provider.Grant({ accountId: input.personId, clientId: input.clientId });
  const resource = mcpResourceOf(context);
  const rejected = input.requested.filter((scope) => !input.granted.includes(scope));
  grant.addResourceScope(resource, input.granted.join(' '));
  if (rejected.length > 0) grant.rejectResourceScope(resource, rejected.join(' '));
  if (input.protocolScopes.length > 0) grant.addOIDCScope(input.protocolScopes.join(' '));
  return Object.assign(grant, { connectionId }).save();
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

import type { Context as KoaContext } from 'koa';
import type Provider from 'oidc-provider';

import type { Context } from '../context.ts';
import { parseScopes, type Scope } from '../scopes.ts';
import type { Session } from '../teams/sessions.ts';

import { verifiedHostOf } from './client-document.ts';
import { identifyClient, type ClientIdentity } from './client-identity.ts';
import { findEarlierConnections, type EarlierConnection } from './earlier-connections.ts';
import type { Interaction } from './interaction.ts';
import { describeRedirect } from './redirect-policy.ts';

/** A request for consent that is waiting for this person's answer. */
export interface ConsentRequest {
  ctx: KoaContext;
  interaction: Interaction;
  session: Session;
}

export interface AskedFor {
  clientId: string;
  identity: ClientIdentity;
  requested: Scope[];
  /** OpenID scopes. */
  protocolScopes: string[];
  /** Of this person in any of their teams; the likeliest first. */
  earlier: EarlierConnection[];
}

/**
 * Who asks for what. From the parameters, not from the prompt's details: those leave out what an earlier answer rejected.
 * @returns null when the client is gone
 */
export async function readRequest(
  context: Context,
  provider: Provider,
  { interaction, session }: Pick<ConsentRequest, 'interaction' | 'session'>,
): Promise<AskedFor | null> {
  const {
    client_id: askedId,
    redirect_uri: redirectUri,
    scope = '',
  } = interaction.params as Record<string, string>;
  const client = askedId === undefined ? undefined : await provider.Client.find(askedId);
  if (!client || redirectUri === undefined) return null;
  const { clientId, clientName } = client;
  const verifiedHost = verifiedHostOf(clientId);
  const redirect = describeRedirect(redirectUri);
  const identity = identifyClient({ clientName, verifiedHost, redirect });
  const requested = parseScopes(scope);
  const earlier = await findEarlierConnections(context, {
    personId: session.personId,
    teamIds: session.teams.map(({ id }) => id),
    clientId,
    clientName: identity.displayName,
    redirectHost: redirect.host,
    verifiedHost,
    requested,
  });
  const protocolScopes = ['openid', 'offline_access'].filter((name) => scope.split(' ').includes(name));
  return { clientId, identity, requested, protocolScopes, earlier };
}

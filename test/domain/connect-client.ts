import { randomBytes } from 'node:crypto';

import type { ConnectionCaller } from '../../server/caller.ts';
import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { mcpResourceOf } from '../../server/oauth/resource.ts';
import { hashToken } from '../../server/token.ts';
import { PRESETS, SCOPES, type PresetId, type Scope } from '../../server/scopes.ts';
import { allowPublishing } from '../support/allow-publishing.ts';
import type { TestOwner } from '../support/test-context.ts';

export interface TestConnection {
  caller: ConnectionCaller;
  /** An access token that the endpoint takes. */
  token: string;
}

export const ALL_SCOPES: readonly Scope[] = SCOPES;

export function scopesOf(preset: PresetId): readonly Scope[] {
  return PRESETS.find(({ id }) => id === preset)!.scopes;
}

/** A connection as consent to every channel leaves it, without the way there: client, connection, rules, access token. */
export async function connectClient(
  context: Context,
  owner: TestOwner,
  scopes: readonly Scope[] = ALL_SCOPES,
): Promise<TestConnection> {
  const { db } = context;
  const clientId = randomBytes(12).toString('hex');
  const connectionId = newId('connection');
  const grantId = randomBytes(12).toString('hex');
  const token = randomBytes(32).toString('base64url');
  const expiresAt = new Date(Date.now() + 86_400_000);
  const base = { teamId: owner.team.id, personId: owner.person.id, clientId, clientName: 'Test editor' };
  await db.client.create({ data: { id: clientId, payload: {} } });
  await db.connection.create({
    data: { id: connectionId, ...base, redirectHost: '127.0.0.1', scopes: [...scopes] },
  });
  const policyVersion = scopes.includes('posts:publish')
    ? await allowPublishing(context, { ...base, connectionId })
    : 1;
  await db.oidcGrant.create({ data: { id: grantId, connectionId, payload: {}, expiresAt } });
  await db.oidcToken.create({
    data: {
      idHash: hashToken(token),
      kind: 'AccessToken',
      grantId,
      payload: { scope: scopes.join(' '), aud: mcpResourceOf(context) },
      expiresAt,
      announcedUntil: expiresAt,
    },
  });
  const caller = {
    kind: 'connection',
    ...base,
    connectionId,
    policyVersion,
    role: owner.caller.role,
    scopes: new Set(scopes),
  };
  return { caller: caller as ConnectionCaller, token };
}

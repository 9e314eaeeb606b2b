import { randomBytes } from 'node:crypto';

import type { PersonCaller } from '../../../server/caller.ts';
import type { ClientEventKind } from '../../../server/clients/client-events.ts';
import type { Context } from '../../../server/context.ts';
import { newId } from '../../../server/ids.ts';
import { SCOPES, type Scope } from '../../../server/scopes.ts';

const MINUTE_MS = 60_000;

export interface ConnectionScene {
  clientName: string;
  redirectHost?: string;
  scopes?: readonly Scope[];
  clientId?: string;
  minutesAgo?: number;
  lastUsedMinutesAgo?: number | null;
  lastAddress?: string;
  endsInMinutes?: number;
  isRevoked?: boolean;
  suspectMinutesAgo?: number;
  /** Tokens that its client holds; those of a fresh sign-in unless told. */
  tokens?: { hasRefresh?: boolean; accessEndsInMinutes?: number };
}

/** A connection as consent and use leave it. */
export async function addClientConnection(
  { db }: Context,
  caller: PersonCaller,
  scene: ConnectionScene,
): Promise<{ id: string; clientId: string }> {
  const clientId =
    scene.clientId ?? (await addClient({ db } as Context, scene.clientName, scene.redirectHost));
  const id = newId('connection');
  const createdAt = ago(scene.minutesAgo ?? 600);
  const lastUsedAt = scene.lastUsedMinutesAgo === null ? null : ago(scene.lastUsedMinutesAgo ?? 5);
  await db.connection.create({
    data: {
      id,
      clientId,
      teamId: caller.teamId,
      personId: caller.personId,
      clientName: scene.clientName,
      redirectHost: scene.redirectHost ?? '127.0.0.1',
      scopes: [...(scene.scopes ?? SCOPES)],
      createdAt,
      firstUsedAt: lastUsedAt && createdAt,
      lastUsedAt,
      lastAddress: lastUsedAt ? (scene.lastAddress ?? '203.0.113.7') : null,
      endsAt: scene.endsInMinutes === undefined ? null : ago(-scene.endsInMinutes),
      suspectSince: scene.suspectMinutesAgo === undefined ? null : ago(scene.suspectMinutesAgo),
      revokedAt: scene.isRevoked ? ago(1) : null,
      revokedById: scene.isRevoked ? caller.personId : null,
    },
  });
  if (!scene.isRevoked) await addTokens({ db } as Context, id, scene.tokens ?? {});
  return { id, clientId };
}

/** A registration as the server keeps it. */
export async function addClient({ db }: Context, name: string, host = '127.0.0.1'): Promise<string> {
  const id = `dyn_${randomBytes(8).toString('hex')}`;
  const uri = host.endsWith(':')
    ? `${host}//callback`
    : host.includes('.') && !/^\d/.test(host)
      ? `https://${host}/callback`
      : `http://${host}:1/callback`;
  await db.client.create({ data: { id, payload: { client_name: name, redirect_uris: [uri] } } });
  return id;
}

async function addTokens(
  { db }: Context,
  connectionId: string,
  tokens: ConnectionScene['tokens'],
): Promise<void> {
  const grantId = randomBytes(8).toString('hex');
  const expiresAt = ago(-43_200);
  await db.oidcGrant.create({ data: { id: grantId, connectionId, payload: {}, expiresAt } });
  const base = { grantId, payload: {}, expiresAt };
  const accessEndsAt = ago(-(tokens?.accessEndsInMinutes ?? 60));
  await db.oidcToken.create({
    data: {
      ...base,
      idHash: randomBytes(32),
      kind: 'AccessToken',
      announcedUntil: accessEndsAt,
      createdAt: ago(10_000),
    },
  });
  if (tokens?.hasRefresh === false) return;
  await db.oidcToken.create({ data: { ...base, idHash: randomBytes(32), kind: 'RefreshToken' } });
}

export interface EventScene {
  kind: ClientEventKind;
  minutesAgo?: number;
  clientId?: string;
  connectionId?: string;
  personId?: string;
  address?: string;
  userAgent?: string;
  reason?: string;
}

export async function addClientEvents({ db }: Context, events: readonly EventScene[]): Promise<void> {
  await db.clientEvent.createMany({
    data: events.map(({ minutesAgo = 1, ...event }) => ({
      id: newId('clientEvent'),
      at: ago(minutesAgo),
      address: '203.0.113.7',
      userAgent: 'Editor/1.0',
      ...event,
    })),
  });
}

function ago(minutes: number): Date {
  return new Date(Date.now() - minutes * MINUTE_MS);
}

import type { ClientHistory, ClientStep } from '../../server/clients/client-history.ts';
import type { ConnectionFacts } from '../../server/clients/connection-facts.ts';

/** The time of the tests that judge a history. */
export const NOW = new Date('2026-11-21T12:00:00Z');

export function minutesAgo(minutes: number): Date {
  return new Date(NOW.getTime() - minutes * 60_000);
}

/** A step of an editor at one address; it belongs to the connection unless it comes before or has no name. */
export function step(kind: ClientStep['kind'], minutes: number, more: Partial<ClientStep> = {}): ClientStep {
  return {
    kind,
    at: minutesAgo(minutes),
    clientId: 'dyn_1',
    connectionId: 'con_1',
    address: '203.0.113.7',
    userAgent: 'Editor/1.0',
    reason: null,
    ...more,
  };
}

/** A request that says nothing about who sent it. */
export function nameless(
  kind: ClientStep['kind'],
  minutes: number,
  more: Partial<ClientStep> = {},
): ClientStep {
  return step(kind, minutes, { clientId: null, connectionId: null, ...more });
}

/** A connection that was made an hour ago and works. */
export function connection(more: Partial<ConnectionFacts> = {}): ConnectionFacts {
  return {
    id: 'con_1',
    groupId: 'grp_1',
    clientId: 'dyn_1',
    clientName: 'An editor',
    redirectHost: '127.0.0.1',
    personId: 'per_1',
    personName: 'Olivia Owner',
    scopes: ['campaigns:read'],
    createdAt: minutesAgo(60),
    firstUsedAt: minutesAgo(59),
    lastUsedAt: minutesAgo(1),
    lastAddress: '203.0.113.7',
    endsAt: null,
    suspectSince: null,
    revokedAt: null,
    revokedByName: null,
    state: 'inForce',
    isWaitingForFirstCall: false,
    isJustConnected: false,
    refreshUntil: new Date(NOW.getTime() + 86_400_000),
    accessUntil: new Date(NOW.getTime() + 3_600_000),
    usedPastExpiryAt: null,
    waitingPosts: 0,
    heldPosts: 0,
    heldReasons: [],
    ...more,
  };
}

/** The steps of a sign-in that went well, an hour ago. */
export const SIGNED_IN: readonly ClientStep[] = [
  nameless('bearer_missing', 61),
  nameless('metadata_read', 61),
  step('registered', 61, { connectionId: null }),
  step('consent_shown', 60, { connectionId: null, userAgent: 'A browser' }),
  step('connection.created', 60),
  step('token_issued', 60),
];

export function historyOf(
  steps: readonly ClientStep[],
  connections: readonly ConnectionFacts[] = [connection()],
  clientIdCount = 1,
): ClientHistory {
  const inOrder = steps.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  return { now: NOW, steps: inOrder, connections: [...connections], clientIdCount };
}

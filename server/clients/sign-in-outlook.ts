import type { ClientHistory } from './client-history.ts';
import type { ConnectionFacts } from './connection-facts.ts';

/**
 * Whether the client must send its person through the browser again.
 * goesOn: no, it holds what it needs. mayAsk: it holds the means, and may have forgotten them or never use them.
 * mustAsk: yes, its tokens are gone.
 */
export interface SignInOutlook {
  kind: 'goesOn' | 'mayAsk' | 'mustAsk';
  /** goesOn: without a sign of life it lasts until then. mustAsk: it ended then, if that is known. */
  at: Date | null;
  /** mayAsk: when it was last turned away. */
  refusedAt: Date | null;
}

/** What extending a connection would be worth to its client, told honestly. */
export function foreseeSignIn(
  connection: ConnectionFacts,
  { now, steps }: Pick<ClientHistory, 'now' | 'steps'>,
): SignInOutlook {
  const { refreshUntil, accessUntil, usedPastExpiryAt, lastUsedAt } = connection;
  const isHonoured = accessUntil !== null && accessUntil > now;
  if (!refreshUntil && !isHonoured) {
    const ended = steps.findLast(
      ({ kind, connectionId }) =>
        connectionId === connection.id &&
        (kind === 'connection.refresh_replayed' || kind === 'connection.code_replayed'),
    );
    return { kind: 'mustAsk', at: ended?.at ?? accessUntil, refusedAt: null };
  }
  const refused = steps.findLast(
    ({ kind, connectionId }) => connectionId === connection.id && TURNED_AWAY.has(kind),
  );
  // Most clients throw their tokens away when they are refused.
  if (refused && (!lastUsedAt || refused.at > lastUsedAt)) {
    return { kind: 'mayAsk', at: null, refusedAt: refused.at };
  }
  const hasRefreshed = steps.some(
    ({ kind, connectionId }) => kind === 'token_refreshed' && connectionId === connection.id,
  );
  if (!isHonoured && usedPastExpiryAt && !hasRefreshed) return { kind: 'mayAsk', at: null, refusedAt: null };
  return { kind: 'goesOn', at: latestOf(refreshUntil, isHonoured ? accessUntil : null), refusedAt: null };
}

const TURNED_AWAY: ReadonlySet<string> = new Set(['bearer_invalid', 'bearer_expired', 'token_refused']);

function latestOf(...dates: (Date | null)[]): Date | null {
  const times = dates.filter((date) => date !== null).map((date) => date.getTime());
  return times.length > 0 ? new Date(Math.max(...times)) : null;
}

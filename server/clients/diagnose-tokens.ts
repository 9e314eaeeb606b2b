import type { ClientHistory, ClientStep } from './client-history.ts';
import type { ConnectionFacts } from './connection-facts.ts';
import type { Diagnosis } from './diagnosis.ts';

const TWO_MINUTES_MS = 120_000;

/** Tokens that a client got and does not send, does not renew, or could not get. */
export function diagnoseTokens(history: ClientHistory): Diagnosis[] {
  const found = history.connections
    .filter(({ state }) => state === 'inForce')
    .flatMap((connection) => [
      ...findTokenMissing(history, connection),
      ...findReplayed(history, connection),
      ...findNotRefreshed(history, connection),
    ]);
  return [...found, ...findTokenRefused(history, found)];
}

function findTokenMissing({ now, steps }: ClientHistory, connection: ConnectionFacts): Diagnosis[] {
  const issued = latest(steps, 'token_issued', connection);
  if (!issued || (connection.lastUsedAt && connection.lastUsedAt >= issued.at)) return [];
  const isSameProgram = (step: ClientStep) =>
    step.address === issued.address && step.userAgent === issued.userAgent;
  const bare = steps.filter(
    (step) => step.kind === 'bearer_missing' && step.at > issued.at && isSameProgram(step),
  );
  const signedIn = { text: 'It signed in and was given its key.', at: issued.at };
  const last = bare.at(-1);
  if (last) {
    return [
      {
        mode: 'token_missing',
        code: 'token_missing',
        tone: 'problem',
        title: 'It signed in, but does not show its key',
        seen: [
          signedIn,
          {
            text: `It called afterwards without any key and was turned away.${last.reason ? ` ${last.reason}` : ''}`,
            at: last.at,
          },
        ],
        meaning:
          'The sign-in itself worked. The editor then calls without the Authorization header: it lost the key, keeps it for another address, or something between you and this server removes the header.',
        todo: 'Restart the editor first. If it happens again, remove this server from the editor, add it anew with exactly the MCP address of this page, and make sure that no proxy in between strips the Authorization header.',
        connectionId: connection.id,
      },
    ];
  }
  if (connection.lastUsedAt || now.getTime() - issued.at.getTime() < TWO_MINUTES_MS) return [];
  return [
    {
      mode: 'token_missing',
      code: 'token_unused',
      tone: 'warning',
      title: 'It signed in and has not called since',
      seen: [signedIn],
      meaning:
        'The editor holds a key and nothing reached this server with it. Often the editor shows the server as off, or a firewall lets the sign-in pass and not the calls.',
      todo: 'Switch the server on in the editor and ask it for your campaigns. If nothing shows up here, look at the rules of the proxy or firewall in front of this server for the path /mcp.',
      connectionId: connection.id,
    },
  ];
}

function findReplayed({ steps }: ClientHistory, connection: ConnectionFacts): Diagnosis[] {
  const replayed =
    latest(steps, 'connection.refresh_replayed', connection) ??
    latest(steps, 'connection.code_replayed', connection);
  const issuedLater =
    replayed &&
    steps.some(
      ({ kind, connectionId, at }) =>
        kind === 'token_issued' && connectionId === connection.id && at > replayed.at,
    );
  if (!replayed || issuedLater) return [];
  return [
    {
      mode: 'not_refreshed',
      code: 'signed_out_by_replay',
      tone: 'problem',
      title: 'An old key was used again, so it was signed out',
      seen: [{ text: 'A key that had been replaced long before was shown again.', at: replayed.at }],
      meaning:
        'Either two copies of the editor share one sign-in and one of them fell behind, or somebody copied the key. This server cannot tell which, so it ended the sign-in and holds what was scheduled since.',
      todo: 'Connect it again from the editor. If you do not know why a second copy exists, revoke this connection instead.',
      connectionId: connection.id,
    },
  ];
}

function findNotRefreshed({ now, steps }: ClientHistory, connection: ConnectionFacts): Diagnosis[] {
  const { usedPastExpiryAt, accessUntil, lastUsedAt } = connection;
  const refreshedAt = latest(steps, 'token_refreshed', connection)?.at;
  const expired = latest(steps, 'bearer_expired', connection);
  const wasUsedSince = (at: Date) => lastUsedAt !== null && lastUsedAt > at;
  if (expired && !(refreshedAt && refreshedAt > expired.at) && !wasUsedSince(expired.at)) {
    return [
      {
        mode: 'not_refreshed',
        code: 'key_ran_out',
        tone: 'problem',
        title: 'Its key ran out and it did not get a new one',
        seen: [{ text: 'It called with a key that had ended, and was turned away.', at: expired.at }],
        meaning: connection.refreshUntil
          ? 'It was given the means to renew its key by itself and did not use them. Many editors do so only after a restart.'
          : 'It has no means left to renew its key by itself.',
        todo: 'Restart the editor. If it still fails, sign in again from the editor: what it scheduled goes out all the same.',
        connectionId: connection.id,
      },
    ];
  }
  if (!usedPastExpiryAt || (refreshedAt && refreshedAt > usedPastExpiryAt)) return [];
  const isHonoured = accessUntil !== null && accessUntil > now;
  return [
    {
      mode: 'not_refreshed',
      code: 'never_refreshes',
      tone: isHonoured ? 'note' : 'warning',
      title: 'It does not renew its key',
      seen: [{ text: 'It went on with a key past the hour that it had been told.', at: usedPastExpiryAt }],
      meaning: isHonoured
        ? 'The editor ought to renew its key every hour and does not. This server goes on honouring the key while it is used at least once a day, so nothing is broken.'
        : 'The editor ought to renew its key every hour and did not, and now the key has ended.',
      todo: isHonoured
        ? 'Nothing. Should the editor ask you to sign in again after a quiet day, this is why; an update of the editor may help.'
        : 'Sign in again from the editor. What it scheduled goes out all the same.',
      connectionId: connection.id,
    },
  ];
}

/**
 * The exchange of a code or refresh token that this server refused, unless a later one worked or it is told already. That a
 * client is turned away whose connections were all revoked is what was wanted.
 */
function findTokenRefused({ steps, connections }: ClientHistory, told: readonly Diagnosis[]): Diagnosis[] {
  const refused = steps.findLast(({ kind }) => kind === 'token_refused');
  if (!refused || isAboutClientId(refused.reason)) return [];
  if (connections.length > 0 && connections.every(({ state }) => state === 'revoked')) return [];
  const isTold = told.some(
    ({ code, connectionId }) => code === 'signed_out_by_replay' && connectionId === refused.connectionId,
  );
  if (isTold) return [];
  const worked = steps.some(
    ({ kind, at }) => (kind === 'token_issued' || kind === 'token_refreshed') && at > refused.at,
  );
  if (worked) return [];
  return [
    {
      mode: 'not_refreshed',
      code: 'key_refused',
      tone: 'problem',
      title: 'It asked for a key and was refused',
      seen: [{ text: reasonWords(refused), at: refused.at }],
      meaning:
        'The editor is not told the exact reason, so it may show a vague error. Most often its sign-in has ended, or it sent the same answer twice.',
      todo: 'Sign in again from the editor. If it is refused again right away, remove the server from the editor and add it anew.',
      connectionId: refused.connectionId ?? undefined,
    },
  ];
}

/** A reason as a sentence; it may be the library's, or be one already. */
export function reasonWords({ reason }: ClientStep): string {
  return `This server's reason: ${reason?.replace(/\.$/, '') ?? 'none was noted'}.`;
}

/** The library's words for a client id that this server does not know, or a secret that does not match. */
export function isAboutClientId(reason: string | null): boolean {
  return /client (is invalid|not found|authentication)|invalid_client/i.test(reason ?? '');
}

function latest(
  steps: readonly ClientStep[],
  kind: ClientStep['kind'],
  connection: ConnectionFacts,
): ClientStep | undefined {
  return steps.findLast((step) => step.kind === kind && step.connectionId === connection.id);
}

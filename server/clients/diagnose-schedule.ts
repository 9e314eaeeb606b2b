import type { ClientHistory } from './client-history.ts';
import type { ConnectionFacts } from './connection-facts.ts';
import type { Diagnosis } from './diagnosis.ts';

/** Reasons that lie with the connection or its person; what else holds a post is told with the post. */
const REASONS: Readonly<Record<string, string>> = {
  connection_revoked: 'the connection was revoked',
  connection_limited: 'the connection may no longer schedule',
  connection_suspect: 'a stolen key may have scheduled them',
  member_removed: 'the person who connected it is no longer in the team',
  role_lowered: 'the person who connected it may now only look',
  approval_missing: 'nobody approved them, and the connection may not publish by itself',
};

/** Scheduled posts that stopped because what authorized them is gone. */
export function diagnoseSchedule(history: ClientHistory): Diagnosis[] {
  return history.connections.flatMap((connection) => findHeld(history, connection));
}

function findHeld({ now, steps }: ClientHistory, connection: ConnectionFacts): Diagnosis[] {
  const { heldPosts, heldReasons, revokedAt } = connection;
  if (heldPosts === 0) return [];
  const reasons = heldReasons.map((code) => REASONS[code]).filter((reason) => reason !== undefined);
  const at =
    revokedAt ??
    connection.suspectSince ??
    steps.findLast(({ kind, connectionId }) => kind === 'delivery.held' && connectionId === connection.id)
      ?.at ??
    now;
  const because = reasons.length > 0 ? `Because ${reasons.join(', and ')}.` : 'The posts themselves say why.';
  return [
    {
      mode: 'schedule_stopped',
      code: 'posts_held',
      tone: 'problem',
      title: heldPosts === 1 ? 'One scheduled post is held' : `${heldPosts} scheduled posts are held`,
      seen: [{ text: because, at }],
      meaning:
        'A post goes out under the connection that scheduled it. That no longer allows it, so the post waits for a person. It is not lost, and nothing goes out by itself.',
      todo: 'Hand the posts over to yourself, and they go out under your name; or cancel them.',
      connectionId: connection.id,
    },
  ];
}

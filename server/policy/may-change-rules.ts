import type { PersonCaller } from '../caller.ts';

/**
 * An owner makes the rules of the team, of clients and of every connection. An editor may set what their own connection
 * publishes unasked, as they could by connecting anew, and make it stricter; what others ruled about it stays.
 * @param connection null for what is about more than one connection
 */
export function mayChangeRulesOf(
  caller: PersonCaller,
  connection: { personId: string | null } | null,
): boolean {
  if (caller.role === 'owner') return true;
  return caller.role === 'editor' && connection !== null && connection.personId === caller.personId;
}

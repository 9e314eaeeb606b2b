import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { hashToken } from '../token.ts';
import { LINK_MINUTES, linkGone, openLinkMemory } from './link-attempt.ts';

export interface TakenLink {
  id: string;
  memory: unknown;
  /** The channel that was to be linked again; null: any account. */
  relinks: string | null;
}

/**
 * Takes what was begun, for the answer that this is: same state, network, browser session, person and team, in time, once.
 * Of several answers at the same moment one takes it.
 * @throws AppError NotAllowed (`link_gone`)
 */
export async function takeReturnedLink(
  context: Context,
  caller: PersonCaller,
  input: { network: string; sessionToken: string; query: URLSearchParams },
): Promise<TakenLink> {
  const states = input.query.getAll('state');
  if (states.length !== 1) throw linkGone();
  const [row] = await context.db.$queryRaw<{ id: string; sealed: Uint8Array }[]>`
    update channel_link set returned_at = clock_timestamp()
    where state_hash = ${hashToken(states[0]!)} and network = ${input.network}
      and browser_hash = ${hashToken(input.sessionToken)}
      and person_id = ${caller.personId} and team_id = ${caller.teamId}
      and returned_at is null
      and created_at > clock_timestamp() - make_interval(mins => ${LINK_MINUTES}::int)
    returning id, sealed`;
  if (!row) throw linkGone();
  const { memory, relinks } = openLinkMemory(context, row);
  return { id: row.id, memory, relinks };
}

import { assertMayWrite, type PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import { hashToken, newToken } from '../token.ts';
import { findLinkable, linkCallOf, purposeOf, toLinkError, type LinkableNetwork } from './link-attempt.ts';

export interface BeginLinkInput {
  network: string;
  /** To what the network asks first; empty where it asks nothing. */
  answer: string;
  /** The session of the browser: only it can end what it begins. */
  sessionToken: string;
  /** The channel to be linked again. */
  relinks?: string | undefined;
}

/**
 * Begins linking an account on the network's own pages: good for ten minutes, in this browser, for this person and team.
 * @throws AppError NotAllowed for a viewer; NotFound; Conflict (`settings_missing`); InvalidInput (`link_refused`, and what
 *   the network's form says); Unavailable (`network_unavailable`, `rate_limited`)
 */
export async function beginLink(
  context: Context,
  caller: PersonCaller,
  { network: networkId, answer, sessionToken, relinks }: BeginLinkInput,
): Promise<{ authorizeUrl: URL }> {
  assertMayWrite(caller);
  const network = findLinkable(context, networkId);
  if (relinks !== undefined) await assertIsChannel(context, caller, { networkId, channelId: relinks });
  const begun = await askNetwork(context, network, { state: newToken(), answer: answer.trim() });
  const { authorizeUrl, memory, state } = begun;
  if (!/^https?:$/.test(authorizeUrl.protocol))
    throw new Error('A network sends the browser to no web page.');
  const id = newId('channelLink');
  const kept = JSON.stringify({ memory, relinks: relinks ?? null });
  await context.db.$executeRaw`
    insert into channel_link (id, state_hash, browser_hash, team_id, person_id, network, sealed, created_at)
    values (${id}, ${hashToken(state)}, ${hashToken(sessionToken)}, ${caller.teamId}, ${caller.personId}, ${network.id},
      ${context.seal.seal(kept, purposeOf(id, 'sealed'))}, clock_timestamp())`;
  return { authorizeUrl };
}

async function askNetwork(
  context: Context,
  network: LinkableNetwork,
  said: { state: string; answer: string },
): Promise<{ authorizeUrl: URL; memory: unknown; state: string }> {
  try {
    return {
      state: said.state,
      ...(await network.link.begin({ ...linkCallOf(context, network.id), ...said })),
    };
  } catch (error) {
    throw toLinkError(error, network);
  }
}

async function assertIsChannel(
  { db }: Context,
  { teamId }: PersonCaller,
  { networkId, channelId }: { networkId: string; channelId: string },
): Promise<void> {
  const found = await db.channel.count({ where: { id: channelId, teamId, network: networkId } });
  if (found === 0) throw notFound({ code: 'not_found', message: 'There is no such channel in this team.' });
}

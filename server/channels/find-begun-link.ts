import type { Context } from '../context.ts';
import { hashToken } from './link-attempt.ts';

/** The team that a link was begun for, when this person began it; null for everything else. It is not used up by this. */
export async function findLinkTeam(
  { db }: Context,
  { personId, state }: { personId: string; state: string },
): Promise<string | null> {
  const link = await db.channelLink.findUnique({
    where: { stateHash: hashToken(state), personId },
    select: { teamId: true },
  });
  return link?.teamId ?? null;
}

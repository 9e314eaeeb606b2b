import type { Context } from '../context.ts';
import { hashToken } from '../token.ts';
import { openLinkMemory } from './link-attempt.ts';

export interface BegunLink {
  teamId: string;
  /** The channel that was to be linked again; null: any account. */
  relinks: string | null;
}

/** What a link was begun for, when this person began it; null for everything else. It is not used up by this. */
export async function findBegunLink(
  { db, seal }: Context,
  { personId, state }: { personId: string; state: string },
): Promise<BegunLink | null> {
  const link = await db.channelLink.findUnique({
    where: { stateHash: hashToken(state), personId },
    select: { id: true, teamId: true, sealed: true },
  });
  return link && { teamId: link.teamId, relinks: openLinkMemory({ seal }, link).relinks };
}

import type { PersonCaller } from '../caller.ts';
import type { Transaction } from '../database/client.ts';
import { newId } from '../ids.ts';
import type { LockedPost } from './lock-post.ts';

/** A person's yes or no to what the post says now. The newest row counts, hence the clock and not the transaction's start. */
export async function recordDecision(
  tx: Transaction,
  caller: PersonCaller,
  post: LockedPost,
  { decision, note }: { decision: 'approved' | 'rejected'; note?: string | undefined },
): Promise<void> {
  await tx.$executeRaw`
    insert into approval (id, team_id, post_id, rev, content_hash, person_id, decision, note, created_at)
    values (${newId('approval')}, ${caller.teamId}, ${post.id}, ${post.rev}, ${post.contentHash}, ${caller.personId},
      ${decision}, ${note ?? null}, clock_timestamp())`;
}

import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict, invalidInput } from '../errors.ts';
import { settlePath } from '../posts/post-urls.ts';
import { assertCaptionKeepsRules, assertMayGoOut } from './choose-deliveries.ts';
import { IN_HANDS_STATES, SETTLEABLE_STATES } from './delivery-state.ts';
import { readGuarantee } from './guarantee-of.ts';
import type { LockedDelivery, LockedPost } from './lock-post.ts';
import { placeNow } from './place-now.ts';
import { MAX_RESENDS } from './settle-read-back.ts';

/**
 * Sends the revision that stopped once more, now. Where the network may have it already, the same bytes go under the same
 * key, and only where it guarantees that those cannot post twice; elsewhere a person decides, who has looked. Where rules
 * want a person to be asked, one settles it: what waits for a yes would not be looked for meanwhile.
 * @returns false when it is going out, or has, already
 * @throws AppError Conflict (`nothing_stopped`, `changed_since`, `outcome_unknown`, ...); InvalidInput
 *   (`not_confirmed`) for a person who does not say that they looked; NotAllowed (`policy_denied`)
 */
export async function retryDelivery(
  context: Context,
  tx: Transaction,
  caller: Caller,
  post: LockedPost,
  delivery: LockedDelivery,
  isConfirmed: boolean,
): Promise<boolean> {
  if (isGoingOut(post, delivery)) return false;
  if (!SETTLEABLE_STATES.has(delivery.state)) throw nothingStopped();
  if (delivery.rev !== post.rev) throw changedSince(post, delivery);
  if (delivery.isMaybeSent) await assertMayBeSentAgain(context, tx, caller, post, delivery, isConfirmed);
  else assertCaptionKeepsRules(delivery, post.pictures);
  assertMayGoOut(post, delivery);
  await placeNow(context, tx, caller, post, [delivery]);
  if (!delivery.isMaybeSent) return true;
  if (delivery.state === 'awaiting_approval') throw settledByPerson(context, post, delivery);
  const hasLooked = caller.kind === 'person' && isConfirmed;
  if (!hasLooked) await trustKeyAlone(context, tx, delivery);
  return true;
}

/** The same call came before. */
function isGoingOut({ now }: LockedPost, { state, dueAt }: LockedDelivery): boolean {
  const isPlaced = state === 'scheduled' || state === 'awaiting_approval';
  return IN_HANDS_STATES.has(state) || state === 'published' || (isPlaced && dueAt !== null && dueAt <= now);
}

async function assertMayBeSentAgain(
  context: Context,
  tx: Transaction,
  caller: Caller,
  post: LockedPost,
  delivery: LockedDelivery,
  isConfirmed: boolean,
): Promise<void> {
  const guarantee = await readGuarantee(context, tx, delivery);
  if (guarantee === 'exact' || guarantee === 'idempotent') return;
  if (caller.kind === 'connection') throw settledByPerson(context, post, delivery);
  if (isConfirmed) return;
  throw invalidInput({
    code: 'not_confirmed',
    field: 'confirmed',
    message: 'Look at the network first, then say that the post is not there.',
  });
}

/** Nothing has shown that it is not there, so the guard lets it through only while the network remembers its key. */
async function trustKeyAlone(context: Context, tx: Transaction, delivery: LockedDelivery): Promise<void> {
  if ((await readGuarantee(context, tx, delivery)) !== 'idempotent') return;
  await tx.$executeRaw`update delivery set resend_count = ${MAX_RESENDS}::int where id = ${delivery.id}`;
}

function settledByPerson(context: Context, post: LockedPost, { channelId }: LockedDelivery) {
  return conflict({
    code: 'outcome_unknown',
    message: 'The network may have this post, and sending it again could post it twice.',
    nextStep: `Ask the person to look at the network and to decide at ${context.publicUrl}${settlePath(post.id, channelId)}.`,
  });
}

function nothingStopped() {
  return conflict({
    code: 'nothing_stopped',
    message: 'This delivery did not stop, so there is nothing to retry.',
    nextStep: 'Call publish_post to send a post now, or schedule_post for another time.',
  });
}

function changedSince(post: LockedPost, { rev }: LockedDelivery) {
  return conflict({
    code: 'changed_since',
    actual: post.rev,
    message: `Revision ${rev} stopped, and the post is at revision ${post.rev} by now.`,
    nextStep: `Call preview_post, then publish_post or schedule_post with expected_rev ${post.rev}.`,
  });
}

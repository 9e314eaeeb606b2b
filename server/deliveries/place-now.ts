import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict } from '../errors.ts';
import { toWallTime } from '../posts/post-time.ts';
import { judgePlacement } from './judge-placement.ts';
import type { LockedDelivery, LockedPost } from './lock-post.ts';
import { notifyDue } from './notify-due.ts';
import { placeDeliveries } from './place-deliveries.ts';
import { assertPicturesReady } from './prepare-pictures.ts';
import { recordDecision } from './record-decision.ts';

const TOOL = 'publish_post';

/**
 * Puts deliveries that may be placed on the calendar for this moment, under the caller and the team's rules. A person says
 * yes to the revision by it. The deliveries given say afterwards what became of them.
 * @throws AppError as `judgePlacement`; Conflict (`rejected`) for a revision that a person refused, `channel_needs_reconnect`
 */
export async function placeNow(
  context: Context,
  tx: Transaction,
  caller: Caller,
  post: LockedPost,
  deliveries: readonly LockedDelivery[],
): Promise<void> {
  if (caller.kind === 'connection' && post.decision === 'rejected') throw refusedByPerson();
  for (const delivery of deliveries) assertChannelConnected(delivery);
  await assertPicturesReady(tx, deliveries, post.rev);
  if (caller.kind === 'person' && post.decision !== 'approved') {
    await recordDecision(tx, caller, post, { decision: 'approved' });
  }
  const placed = await judgePlacement(context, tx, caller, post, deliveries, { tool: TOOL, dueAt: post.now });
  await placeDeliveries(tx, caller, placed, {
    tool: caller.kind === 'person' ? null : TOOL,
    rev: post.rev,
    time: { at: post.now, timeZone: post.timeZone, wallTime: toWallTime(post.now, post.timeZone) },
    lateLimitSeconds: context.config.publishing.lateLimitSeconds,
    quarantineSeconds: Math.max(
      ...deliveries.map(({ network }) => context.networks.get(network)?.quarantineSeconds ?? 0),
    ),
  });
  for (const { delivery, state, rule } of placed) Object.assign(delivery, { state, policyRule: rule });
  await notifyDue(tx);
}

function refusedByPerson() {
  return conflict({
    code: 'rejected',
    message:
      'A person refused this revision. Change the text, or schedule it so that a person can decide again.',
  });
}

function assertChannelConnected({ channelId, channelStatus }: LockedDelivery): void {
  if (channelStatus === 'ok') return;
  throw conflict({
    code: 'channel_needs_reconnect',
    message: `Channel ${channelId} must be linked again in the dashboard before anything can go out on it.`,
  });
}

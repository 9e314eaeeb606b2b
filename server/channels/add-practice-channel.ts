import { recordActivity } from '../activity/record-activity.ts';
import { assertMayWrite, type PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { invalidInput } from '../errors.ts';
import { isNetworkId } from '../networks/find-rules.ts';
import { addPlaygroundChannel } from './add-playground-channel.ts';
import { releaseHeld } from './release-held.ts';

/**
 * Adds a channel that publishes to the Playground and keeps the rules of another network for texts and pictures, so that
 * posts can be tried out before a real account is linked. One a network: again, it is the same channel.
 * @throws AppError InvalidInput (`unknown_network`); NotAllowed for a viewer
 */
export async function addPracticeChannel(
  context: Context,
  caller: PersonCaller,
  { imitates }: { imitates: string },
): Promise<{ channelId: string }> {
  assertMayWrite(caller);
  if (!isNetworkId(imitates) || imitates === 'playground') {
    throw invalidInput({
      code: 'unknown_network',
      field: 'imitates',
      message: 'Choose one of the networks in the list to practise for.',
    });
  }
  return context.db.$transaction(async (tx) => {
    const channelId = await addPlaygroundChannel(tx, caller.teamId, imitates);
    await releaseHeld(tx, channelId);
    await recordActivity({ db: tx }, { caller, action: 'channel.linked', target: channelId, result: 'ok' });
    return { channelId };
  });
}

import type { Context } from '../context.ts';
import { isPubliclyReachable } from '../media/public-address.ts';
import { findRules, type RuledChannel } from '../networks/find-rules.ts';
import type { CaptionProblem } from './check-caption.ts';

/** What keeps pictures from a network that fetches them by itself: this server has no address for it. */
export function findUnreachablePictures(
  context: Pick<Context, 'publicUrl' | 'config'>,
  channel: RuledChannel,
  pictureCount: number,
): CaptionProblem[] {
  const rules = findRules(channel);
  const areFetched = rules?.pictures.areFetched === true && rules.id === channel.network;
  if (!areFetched || pictureCount === 0 || isPubliclyReachable(context)) return [];
  const fix = `${rules.name} fetches pictures by itself, and this server has no address on the internet. Whoever runs it sets PUBLIC_URL to one that starts with https.`;
  return [
    {
      ...{ ruleId: 'public_address_missing', severity: 'error', limit: 0, actual: pictureCount, fix },
      isAboutPictures: true,
    },
  ];
}

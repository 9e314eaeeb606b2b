import { conflict, invalidInput, type AppError } from '../errors.ts';
import type { NetworkRules } from '../networks/network-rules.ts';
import type { RevisionPicture } from './find-missing-renditions.ts';

type PictureRule =
  'picture_count' | 'picture_aspect' | 'picture_bytes' | 'picture_refused' | 'public_address_missing';

const REASONS: Record<PictureRule, (limits: NetworkRules['pictures']) => string> = {
  picture_count: ({ maxCount }) => `it takes at most ${maxCount} pictures`,
  picture_aspect: () => 'cut to a shape that it takes, less than a quarter of the picture would be left',
  picture_bytes: ({ maxBytes }) => `it takes at most ${maxBytes} bytes, and there is too much detail in it`,
  picture_refused: () => 'it cannot be drawn in the size that it takes',
  public_address_missing: () =>
    'it fetches pictures by itself, and this server has no address on the internet until PUBLIC_URL is set to one that starts with https',
};

/** For a picture that a network does not take, however it is converted. */
export function breaksRule(
  { channelId, rules, picture }: { channelId: string; rules: NetworkRules; picture: RevisionPicture },
  ruleId: PictureRule,
): AppError {
  const { position, mediaId } = picture;
  return invalidInput({
    code: 'picture_breaks_rule',
    field: 'media_ids',
    ruleId,
    message: `Picture ${position} (${mediaId}) cannot go to ${rules.name} on channel ${channelId}: ${REASONS[ruleId](rules.pictures)}.`,
    nextStep: 'Use another picture with update_post, or leave this channel out with only_channel_ids.',
  });
}

export function mediaDeleted({ position, mediaId }: RevisionPicture): AppError {
  return conflict({
    code: 'media_deleted',
    field: 'media_ids',
    message: `Picture ${position} (${mediaId}) was deleted from the library.`,
    nextStep: 'Use another picture with update_post.',
  });
}

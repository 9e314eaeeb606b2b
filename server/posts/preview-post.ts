import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { RuledChannel } from '../networks/find-rules.ts';
import { checkCaption, type CaptionCheck } from './check-caption.ts';
import { findPrice } from './find-price.ts';
import { findStops } from './find-stops.ts';
import { findUnreachablePictures } from './find-unreachable-pictures.ts';
import { fitPictures, type FittedPicture } from './fit-pictures.ts';
import { getPost } from './get-post.ts';
import type { PostPicture } from './post-pictures.ts';

export interface ChannelPreview extends CaptionCheck {
  channelId: string;
  network: string;
  parts: string[];
  pictures: FittedPicture[];
  /** Of a text that is too long, on networks that take threads: the whole caption as parts that would fit. */
  suggestedParts: readonly string[] | null;
}

export interface PostPreview {
  postId: string;
  rev: number;
  /** No rule of any channel is broken, and campaign and channels let it go out: as it stands it can be published. */
  isReady: boolean;
  channels: ChannelPreview[];
}

/**
 * A dry run: the exact text per channel, as the networks count it, the pictures as they would get them, and every rule that
 * would be broken or that people trip over, with what else keeps it from going out.
 * @throws AppError NotFound; Conflict (`post_discarded`)
 */
export async function previewPost(
  context: Context,
  caller: Caller,
  input: { postId: string },
): Promise<PostPreview> {
  const post = await getPost(context, caller, input);
  const stops = await findStops(context, post.id);
  const channels = post.deliveries.map((delivery) => {
    const { problems, ...preview } = previewChannel(context, delivery, post.pictures);
    return { ...preview, problems: [...problems, ...(stops.get(delivery.channelId) ?? [])] };
  });
  return {
    postId: post.id,
    rev: post.rev,
    isReady: channels.every(isPublishable),
    channels,
  };
}

/** No rule is broken: as it stands it can be published. */
export function isPublishable({ problems }: Pick<ChannelPreview, 'problems'>): boolean {
  return problems.every(({ severity }) => severity !== 'error');
}

/** A channel with what it is to say. */
export interface CaptionedChannel extends RuledChannel {
  channelId: string;
  parts: string[];
}

/** What one channel would get, saved or not. */
export function previewChannel(
  context: Pick<Context, 'networks' | 'publicUrl' | 'config'>,
  channel: CaptionedChannel,
  postPictures: readonly PostPicture[],
): ChannelPreview {
  const { channelId, network, parts } = channel;
  const check = checkCaption(channel, parts, postPictures);
  const fit = fitPictures(channel, postPictures);
  return {
    ...{ channelId, network, parts, count: check.count, limit: check.limit, pictures: fit.pictures },
    problems: [
      ...check.problems,
      ...fit.problems,
      ...findUnreachablePictures(context, channel, postPictures.length),
      ...findPrice(context, channel, parts),
    ],
    suggestedParts: suggestParts(parts, check),
  };
}

/** Only for a caption of one part: which part of a thread is too long, its author splits. */
function suggestParts(parts: readonly string[], { problems }: CaptionCheck): readonly string[] | null {
  if (parts.length !== 1) return null;
  return problems.find(({ splitParts }) => splitParts)?.splitParts ?? null;
}

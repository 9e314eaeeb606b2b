import { planRendition, type CropBox, type Fit } from '../media/plan-rendition.ts';
import { findRules, type RuledChannel } from '../networks/find-rules.ts';
import type { NetworkRules } from '../networks/network-rules.ts';
import type { CaptionProblem } from './check-caption.ts';
import type { PostPicture } from './post-pictures.ts';

/** A picture as the network of a channel would get it. */
export interface FittedPicture {
  mediaId: string;
  fit: Fit;
  /** Pixels; those of the library where it does not fit. */
  width: number;
  height: number;
  mimeType: string;
  /** What of it stays, as shares of its width and height; null: all of it. */
  crop: CropBox | null;
  altText: string | null;
}

/** Every picture of a post on one channel, and what keeps it from going out there. */
export interface PictureFit {
  pictures: FittedPicture[];
  problems: CaptionProblem[];
}

export function fitPictures(channel: RuledChannel, pictures: readonly PostPicture[]): PictureFit {
  const rules = findRules(channel);
  const fits = pictures.map((picture, index) => fitPicture(rules, picture, index + 1));
  return {
    pictures: fits.map(({ fitted }) => fitted),
    problems: fits.flatMap(({ problem }) =>
      problem ? [{ ...problem, isAboutPictures: true as const }] : [],
    ),
  };
}

function fitPicture(
  rules: NetworkRules | undefined,
  picture: PostPicture,
  position: number,
): { fitted: FittedPicture; problem?: CaptionProblem } {
  const { mediaId, altText, width, height, mimeType, isDeleted } = picture;
  const asItIs = { mediaId, altText, width, height, mimeType, crop: null };
  const plan = rules && planRendition(picture, rules, picture);
  if (isDeleted) return { fitted: { ...asItIs, fit: 'no' }, problem: mediaDeleted(position, mediaId) };
  if (!plan) {
    const isLeftOut = !rules || rules.pictures.maxCount === 0;
    const problem = isLeftOut ? {} : { problem: wrongShape(position, rules.name) };
    return { fitted: { ...asItIs, fit: 'no' }, ...problem };
  }
  const { crop } = plan;
  const isWhole = crop.width === 1 && crop.height === 1;
  return {
    fitted: {
      ...{ mediaId, altText, width: plan.width, height: plan.height, mimeType: plan.mimeType },
      fit: plan.isUnchanged ? 'ok' : 'will_convert',
      crop: isWhole ? null : crop,
    },
  };
}

function mediaDeleted(position: number, mediaId: string): CaptionProblem {
  const fix = `Picture ${position} (${mediaId}) was deleted from the library. Use another picture, or leave it out.`;
  return { ruleId: 'media_deleted', severity: 'error', limit: 0, actual: 1, fix };
}

function wrongShape(position: number, name: string): CaptionProblem {
  const fix = `Use another picture instead of picture ${position}: cut to a shape that ${name} takes, less than a quarter of it would be left.`;
  return { ruleId: 'picture_aspect', severity: 'error', limit: 1, actual: position, fix };
}

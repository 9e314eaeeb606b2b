import type { NetworkRules, PictureLimits, PictureType } from '../networks/network-rules.ts';

/** A picture of the library, as far as its fit depends on it. */
export interface PictureFacts {
  mimeType: string;
  width: number;
  height: number;
  byteCount: number;
}

/** 0 to 1, from the left and from the top: what a cut keeps. */
export interface FocalPoint {
  focalX: number;
  focalY: number;
}

/** What of the picture stays: shares of its width and height, 0 to 1. */
export interface CropBox {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** What a network gets for a picture. Lengths in pixels. */
export interface RenditionPlan {
  mimeType: PictureType;
  width: number;
  height: number;
  crop: CropBox;
  maxBytes: number;
  /** The network takes the picture as it is. */
  isUnchanged: boolean;
}

export type Fit = 'ok' | 'will_convert' | 'no';

/** A cut that would keep less of the picture than this makes another picture of it. */
export const LEAST_KEPT_SHARE = 0.25;

/** Whether a network takes a picture as it is, converted (smaller, another format, cut), or not at all. */
export function fitOf(media: PictureFacts, rules: NetworkRules): Fit {
  const plan = planRendition(media, rules, { focalX: 0.5, focalY: 0.5 });
  if (!plan) return 'no';
  return plan.isUnchanged ? 'ok' : 'will_convert';
}

/**
 * What a network gets for a picture: cut around the focal point where its aspect is not taken, then scaled down, never up;
 * its format is kept where the network takes it and the bytes suffice. Should the bytes exceed `maxBytes` all the same, it
 * gets smaller when it is rendered. Undefined where it takes no pictures, or where a cut would leave too little of this one.
 */
export function planRendition(
  media: PictureFacts,
  rules: NetworkRules,
  focal: FocalPoint,
): RenditionPlan | undefined {
  const limits = rules.pictures;
  if (limits.maxCount < 1) return undefined;
  const cut = cutToAspect(media, limits);
  if ((cut.width * cut.height) / (media.width * media.height) < LEAST_KEPT_SHARE) return undefined;
  const scale = Math.min(1, limits.maxWidth / cut.width, limits.maxHeight / cut.height);
  const size = scaleDown(cut, scale, limits);
  const isWhole = size.width === media.width && size.height === media.height;
  const mimeType = chooseType(media, limits, (size.width * size.height) / (media.width * media.height));
  return {
    mimeType,
    ...size,
    crop: {
      left: place(focal.focalX, cut.width / media.width),
      top: place(focal.focalY, cut.height / media.height),
      width: cut.width / media.width,
      height: cut.height / media.height,
    },
    maxBytes: limits.maxBytes,
    isUnchanged: isWhole && mimeType === media.mimeType && media.byteCount <= limits.maxBytes,
  };
}

export interface Size {
  width: number;
  height: number;
}

/** Bounds of width by height, where there are any. */
export interface AspectBounds {
  minAspect?: number | undefined;
  maxAspect?: number | undefined;
}

/** Whole pixels, at least one; rounding does not carry the aspect over its bounds. */
export function scaleDown(
  { width, height }: Size,
  scale: number,
  { minAspect = 0, maxAspect = Infinity }: AspectBounds,
): Size {
  const size = {
    width: Math.max(1, Math.floor(width * scale)),
    height: Math.max(1, Math.floor(height * scale)),
  };
  while (size.width > 1 && size.width / size.height > maxAspect) size.width -= 1;
  while (size.height > 1 && size.width / size.height < minAspect) size.height -= 1;
  return size;
}

/** The largest part of the picture whose aspect is taken. */
function cutToAspect({ width, height }: Size, bounds: AspectBounds): Size {
  const aspect = width / height;
  const { minAspect = 0, maxAspect = Infinity } = bounds;
  const largest =
    aspect > maxAspect
      ? { width: height * maxAspect, height }
      : { width, height: aspect < minAspect ? width / minAspect : height };
  return scaleDown(largest, 1, bounds);
}

/** Where the part that stays begins: its middle on the focal point, as far as the edges let it. */
function place(focal: number, share: number): number {
  return Math.min(Math.max(focal - share / 2, 0), 1 - share);
}

/** Lossless pictures grow too large for some networks; WebP keeps what is see-through in them, JPEG does not. */
function chooseType(media: PictureFacts, { mimeTypes, maxBytes }: PictureLimits, share: number): PictureType {
  const own = mimeTypes.find((mimeType) => mimeType === media.mimeType);
  const isLossless = own === 'image/png';
  if (own && (!isLossless || media.byteCount * share <= maxBytes)) return own;
  const isMaybeSeeThrough = media.mimeType !== 'image/jpeg';
  if (isMaybeSeeThrough && mimeTypes.includes('image/webp')) return 'image/webp';
  return mimeTypes[0] ?? 'image/jpeg';
}

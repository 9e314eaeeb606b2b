import type { z } from 'zod';

import type { MediaDetails } from '../media/media-details.ts';
import type { mediaItem } from './params.ts';

type MediaItem = z.output<typeof mediaItem>;

const ALT_EXCERPT = 60;

/** In a list: what chooses between pictures, and nothing that is null. */
export function toMediaLine(media: MediaDetails): MediaItem {
  const { id, mimeType, width, height, byteCount, altText } = media;
  const alt = Array.from(altText ?? '');
  const excerpt = alt.length > ALT_EXCERPT ? `${alt.slice(0, ALT_EXCERPT - 1).join('')}…` : alt.join('');
  return {
    id,
    ...(mimeType && { type: mimeType.replace('image/', '') }),
    ...(width && height && { w: width, h: height }),
    ...(byteCount && { bytes: byteCount }),
    ...(excerpt && { alt: excerpt }),
  };
}

/** Asked for by its id: all of it. */
export function toMediaItem(media: MediaDetails, fit: MediaItem['fit']): MediaItem {
  const { state, altText, filename, focalX, focalY, tags, problem } = media;
  return {
    ...toMediaLine(media),
    ...(altText && { alt: altText }),
    state,
    ...(state === 'ready' && { fit }),
    ...(filename && { filename }),
    focal_point: { x: focalX, y: focalY },
    tags,
    ...(problem && { problem: problem.message }),
  };
}

/** As text, one line: words of people's stand in quotation marks. */
export function describeMediaItem(item: MediaItem): string {
  const { id, type, w, h, bytes, alt, state, fit, filename, tags, problem } = item;
  const cells = [
    id,
    type && `${type} ${w}x${h}`,
    bytes && `${Math.ceil(bytes / 1000)} kB`,
    alt ? `alt ${JSON.stringify(alt)}` : 'no alt text',
    state,
    fit &&
      `fit ${Object.entries(fit)
        .map((pair) => pair.join(' '))
        .join(', ')}`,
    filename && `file ${JSON.stringify(filename)}`,
    tags && tags.length > 0 && `tags ${JSON.stringify(tags)}`,
    problem,
  ];
  return cells.filter(Boolean).join(' | ');
}

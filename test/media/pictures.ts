import sharp from 'sharp';

/** A JPEG with the detail of a photograph, the same at every call. */
export async function photo(width: number, height: number): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 3);
  // A linear congruential generator: noise that is the same everywhere.
  let state = 1;
  for (let index = 0; index < pixels.length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    pixels[index] = ((index / pixels.length) * 160 + (state >>> 24) * 0.35) & 0xff;
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .blur(0.8)
    .jpeg({ quality: 88 })
    .toBuffer();
}

/** Nothing is cut off. */
export const whole = { left: 0, top: 0, width: 1, height: 1 };

import sharp, { type OutputInfo } from 'sharp';

import type { CardSpec } from './image-engine.ts';

export async function drawCard(_card: CardSpec): Promise<{ data: Buffer; info: OutputInfo }> {
  return sharp({ create: { width: 1200, height: 630, channels: 3, background: '#123456' } })
    .png()
    .toBuffer({ resolveWithObject: true });
}

import sharp, { type OutputInfo, type OverlayOptions } from 'sharp';

import {
  CARD_COLOURS,
  CARD_LAYOUTS,
  drawGround,
  footOf,
  markOf,
  type CardColours,
  type CardLayout,
} from './card-ground.ts';
import { isRightToLeft, setText, type SetText } from './card-text.ts';
import type { CardSpec } from './image-engine.ts';

/** Of each text; more would only be cut off. */
const MAX_CHARACTERS = 600;
const SVG_LOADER = { operation: ['VipsForeignLoadSvgBuffer'] };

/** A PNG. Text is set as text and never becomes a part of a drawing. */
export async function drawCard(card: CardSpec): Promise<{ data: Buffer; info: OutputInfo }> {
  const layout = CARD_LAYOUTS[card.size];
  const colours = CARD_COLOURS[card.theme];
  const isMirrored = isRightToLeft(card.title);
  const overlays = (await setCard(card, layout, colours)).map(({ set, left, top }): OverlayOptions => ({
    input: set.pixels,
    raw: { width: set.width, height: set.height, channels: 4 },
    left: Math.round(isMirrored ? layout.width - left - set.width : left),
    top: Math.round(top),
  }));
  // Strangers' pictures are decoded here too, but one job at a time: none sees the loader unblocked.
  sharp.unblock(SVG_LOADER);
  try {
    return await sharp(Buffer.from(drawGround(layout, colours, isMirrored)))
      .composite(overlays)
      .removeAlpha()
      .toColourspace('srgb')
      .png({ compressionLevel: 9 })
      .toBuffer({ resolveWithObject: true });
  } finally {
    sharp.block(SVG_LOADER);
  }
}

interface PlacedText {
  set: SetText;
  /** From the edge at which its lines begin. */
  left: number;
  top: number;
}

/** Title and subtitle in the middle of the space above the foot, the brand beside its mark in it. */
async function setCard(card: CardSpec, layout: CardLayout, colours: CardColours): Promise<PlacedText[]> {
  const { width, margin, titleSize, textSize } = layout;
  const inner = width - 2 * margin;
  const foot = footOf(layout);
  const gap = textSize * 1.1;
  const beside = markOf(layout) + textSize * 0.45;
  const brand = await setLine(card.brand, {
    ...{ face: 'text', colour: colours.text, width: inner - beside, height: textSize * 1.3 },
    ...{ largest: textSize * 0.8, smallest: textSize * 0.6 },
  });
  const subtitle = await setLine(card.subtitle ?? '', {
    ...{ face: 'text', colour: colours.text, width: inner, height: (foot - margin) * 0.35 },
    ...{ largest: textSize, smallest: textSize * 0.72 },
  });
  const below = subtitle ? subtitle.height + gap : 0;
  const room = foot - margin - gap;
  const title = await setLine(card.title, {
    ...{ face: 'title', colour: colours.title, width: inner, height: room - below },
    ...{ largest: titleSize, smallest: titleSize * 0.4 },
  });
  const top = margin + (room - below - (title?.height ?? 0)) / 2;
  const markTop = foot + textSize * 0.86;
  return [
    title && { set: title, left: margin, top },
    subtitle && { set: subtitle, left: margin, top: top + (title?.height ?? 0) + gap },
    brand && { set: brand, left: margin + beside, top: markTop + (markOf(layout) - brand.height) / 2 },
  ].filter((placed) => placed !== null);
}

async function setLine(text: string, box: Parameters<typeof setText>[1]): Promise<SetText | null> {
  const tidy = text.slice(0, MAX_CHARACTERS).trim();
  return tidy ? setText(tidy, box) : null;
}

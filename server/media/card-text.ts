import path from 'node:path';

import sharp from 'sharp';

const FONTS = path.join(import.meta.dirname, 'fonts');
const FACES = {
  title: {
    font: 'Inter ExtraBold',
    fontfile: path.join(FONTS, 'inter-800.ttf'),
    spacing: -0.024,
    line: 0.92,
  },
  text: { font: 'Inter Medium', fontfile: path.join(FONTS, 'inter-500.ttf'), spacing: -0.006, line: 1.12 },
} as const;
/** Per step down, until it fits. */
const STEP = 0.93;

export interface TextBox {
  face: keyof typeof FACES;
  /** #rrggbb */
  colour: string;
  /** Pixels. */
  width: number;
  height: number;
  largest: number;
  smallest: number;
}

/** Words as pixels on a see-through ground, no larger than they need. */
export interface SetText {
  pixels: Buffer;
  width: number;
  height: number;
}

/** Sets a text in the largest size that fits its box, and what does not fit even in the smallest is cut off with an ellipsis. */
export async function setText(text: string, box: TextBox): Promise<SetText> {
  for (let size = box.largest; size > box.smallest; size *= STEP) {
    const set = await setInSize(text, box, size);
    if (fits(set, box)) return set;
  }
  const letters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  for (let kept = letters.length; ; kept = Math.floor(kept * 0.85)) {
    const cut = kept === letters.length ? text : `${letters.slice(0, kept).join('').trimEnd()}…`;
    const set = await setInSize(cut, box, box.smallest);
    if (fits(set, box)) return set;
    if (kept < 2) return clip(set, box);
  }
}

/** Reads from right to left: its first letter with a direction decides, as in a paragraph. */
export function isRightToLeft(text: string): boolean {
  const [letter = ''] = /\p{L}/u.exec(text) ?? [];
  return /\p{Script=Hebrew}|\p{Script=Arabic}|\p{Script=Syriac}|\p{Script=Thaana}|\p{Script=Nko}/u.test(
    letter,
  );
}

async function setInSize(text: string, { face, colour, width }: TextBox, size: number): Promise<SetText> {
  const { font, fontfile, spacing, line } = FACES[face];
  const fontSize = Math.round(size);
  const markup = `<span foreground="${colour}" line_height="${line}" letter_spacing="${Math.round(spacing * fontSize * 1024)}">${escapeMarkup(text)}</span>`;
  const { data, info } = await sharp({
    // At 72 dpi a point is a pixel.
    text: {
      text: markup,
      font: `${font} ${fontSize}`,
      fontfile,
      width: Math.floor(width),
      dpi: 72,
      rgba: true,
      wrap: 'word-char',
    },
  })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { pixels: data, width: info.width, height: info.height };
}

/** One letter can be higher than any box: marks may be heaped on it without end. */
async function clip(set: SetText, box: TextBox): Promise<SetText> {
  const { width, height, pixels } = set;
  const raw = { width, height, channels: 4 } as const;
  const kept = {
    width: Math.min(width, Math.floor(box.width)),
    height: Math.min(height, Math.floor(box.height)),
  };
  const clipped = await sharp(pixels, { raw })
    .extract({ left: 0, top: 0, ...kept })
    .raw()
    .toBuffer();
  return { ...set, ...kept, pixels: clipped };
}

const fits = (set: SetText, box: TextBox): boolean => set.height <= box.height && set.width <= box.width;

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Pango reads markup. What is no character of XML 1.0 (section 2.2) would end it. */
function escapeMarkup(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ' ')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}

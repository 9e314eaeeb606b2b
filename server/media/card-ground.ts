import type { CardSpec } from './image-engine.ts';

/** Pixels. */
export interface CardLayout {
  width: number;
  height: number;
  /** To every edge. */
  margin: number;
  titleSize: number;
  textSize: number;
}

export const CARD_LAYOUTS: Record<CardSpec['size'], CardLayout> = {
  landscape: { width: 1200, height: 630, margin: 80, titleSize: 92, textSize: 34 },
  square: { width: 1080, height: 1080, margin: 92, titleSize: 120, textSize: 42 },
  portrait: { width: 1080, height: 1350, margin: 96, titleSize: 128, textSize: 42 },
  story: { width: 1080, height: 1920, margin: 104, titleSize: 144, textSize: 48 },
};

export interface CardColours {
  from: string;
  to: string;
  title: string;
  text: string;
  line: string;
  accent: readonly [string, string];
  /** Light spots behind the words, and how strong. */
  glow: readonly [string, string, number];
}

/** Contrast of title and text with every point of the ground is at least 7:1 (WCAG 2.2, 1.4.6); a test measures it. */
export const CARD_COLOURS: Record<CardSpec['theme'], CardColours> = {
  light: {
    from: '#ffffff',
    to: '#eef3f8',
    title: '#0b1b2b',
    text: '#2f455a',
    line: '#cbd7e2',
    accent: ['#0f766e', '#3b5bdb'],
    glow: ['#5eead4', '#a5b4fc', 0.38],
  },
  dark: {
    from: '#081420',
    to: '#0d2233',
    title: '#f7fbff',
    text: '#bfd0df',
    line: '#27415a',
    accent: ['#2dd4bf', '#818cf8'],
    glow: ['#0f766e', '#3730a3', 0.5],
  },
};

/** Where the line above the brand lies, from the top. */
export const footOf = ({ height, margin, textSize }: CardLayout): number => height - margin - textSize * 1.5;

/** The side of the square beside the brand. */
export const markOf = ({ textSize }: CardLayout): number => Math.round(textSize * 0.62);

/** The ground as SVG: numbers and colours of ours, never a word of anybody's. */
export function drawGround(layout: CardLayout, colours: CardColours, isMirrored: boolean): string {
  const { width, height, margin } = layout;
  const [near, far, strength] = colours.glow;
  const spot = Math.hypot(width, height);
  const foot = footOf(layout);
  const mark = markOf(layout);
  const mirror = isMirrored ? ` transform="translate(${width} 0) scale(-1 1)"` : '';
  const glow = (id: string, colour: string) => `
    <radialGradient id="${id}">
      <stop offset="0" stop-color="${colour}" stop-opacity="${strength}"/>
      <stop offset="1" stop-color="${colour}" stop-opacity="0"/>
    </radialGradient>`;
  const ring = (radius: number) =>
    `<circle cx="${width}" cy="0" r="${radius}" fill="none" stroke="${colours.line}" stroke-width="2" stroke-opacity="0.55"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
  <defs>
    <linearGradient id="ground" x1="0" y1="0" x2="1" y2="1">
      <stop offset="0" stop-color="${colours.from}"/><stop offset="1" stop-color="${colours.to}"/>
    </linearGradient>
    <linearGradient id="accent"><stop offset="0" stop-color="${colours.accent[0]}"/><stop offset="1" stop-color="${colours.accent[1]}"/></linearGradient>
    ${glow('near', near)}${glow('far', far)}
  </defs>
  <g${mirror}>
    <rect width="${width}" height="${height}" fill="url(#ground)"/>
    <circle cx="${width}" cy="0" r="${spot * 0.5}" fill="url(#near)"/>
    <circle cx="${width * 0.1}" cy="${height * 1.05}" r="${spot * 0.45}" fill="url(#far)"/>
    ${[0.16, 0.25, 0.34].map((share) => ring(spot * share)).join('')}
    <rect x="0" y="0" width="${width}" height="12" fill="url(#accent)"/>
    <rect x="${margin}" y="${foot}" width="${width - 2 * margin}" height="2" fill="${colours.line}"/>
    <rect x="${margin}" y="${foot + layout.textSize * 0.86}" width="${mark}" height="${mark}" rx="${mark * 0.3}" fill="url(#accent)"/>
  </g>
</svg>`;
}

import { html } from './html.ts';
import { networkName } from './networks.ts';

export interface ShownCrop {
  network: string;
  fit: 'ok' | 'will_convert' | 'no';
  /** Pixels; null where the network does not take the picture. */
  width: number | null;
  height: number | null;
  mimeType: string | null;
  /** What stays, as shares of the picture. */
  crop: { left: number; top: number; width: number; height: number } | null;
}

export interface MediaCropsProps {
  crops: readonly ShownCrop[];
  /** A small version of the whole picture. */
  src: string;
  /** Of the picture in the library. */
  width: number;
  height: number;
}

/** What each network gets, cut around the focal point; assets/focal-point.js moves the cuts along. */
export function MediaCrops({ crops, src, width, height }: MediaCropsProps) {
  return html`<ul class="crops" role="list">
    ${crops.map(
      (one) =>
        html`<li key=${one.network}>
          ${one.crop ? html`<${Cut} ...${{ src, width, height }} name=${networkName(one.network)} crop=${one.crop} />` : html`<span class="no-cut"></span>`}
          <strong>${networkName(one.network)}</strong>
          <span class="hint">${describe(one)}</span>
        </li>`,
    )}
  </ul>`;
}

function Cut({
  src,
  width,
  height,
  name,
  crop,
}: Omit<MediaCropsProps, 'crops'> & { name: string; crop: NonNullable<ShownCrop['crop']> }) {
  const box = [crop.left * width, crop.top * height, crop.width * width, crop.height * height];
  return html`<svg
    role="img"
    aria-label=${`As ${name} shows it`}
    viewBox=${box.map(Math.round).join(' ')}
    data-crop=${`${crop.width} ${crop.height}`}
  >
    <image href=${src} width=${width} height=${height} preserveAspectRatio="none" />
  </svg>`;
}

function describe({ fit, width, height, mimeType, crop }: ShownCrop): string {
  if (fit === 'no') return 'Does not take it: not at all';
  const size = `${width} × ${height}`;
  if (fit === 'ok') return `${size}, as it is`;
  const isCut = crop !== null && (crop.width < 1 || crop.height < 1);
  return `${size} ${mimeType?.replace('image/', '').toUpperCase()}, ${isCut ? 'cut' : 'converted'}`;
}

import { html } from './html.ts';

export interface ShownPicture {
  /** Null for what is not kept any more. */
  src: string | null;
  /** Null where nobody described it. */
  altText: string | null;
  /** What the network gets, in pixels. */
  width: number;
  height: number;
  mimeType: string;
  /** What of `src` stays, as shares of it; null: all. */
  crop: { left: number; top: number; width: number; height: number } | null;
  fit: 'ok' | 'will_convert' | 'no';
}

/** Pictures as the network gets them, each with what is read out for it. */
export function PostPictures({ pictures }: { pictures: readonly ShownPicture[] }) {
  if (pictures.length === 0) return null;
  return html`<ul class="post-pictures">
    ${pictures.map(
      (picture) =>
        html`<li>
          <figure>
            <${Picture} ...${picture} />
            <figcaption>
              ${picture.altText ? html`<span>${picture.altText}</span>` : html`<em>Nobody described it.</em>`}
              <span class="hint">${describe(picture)}</span>
            </figcaption>
          </figure>
        </li>`,
    )}
  </ul>`;
}

/** Also on the Playground's timeline. */
export const NOT_KEPT = 'This picture is no longer kept.';
const UNDESCRIBED = 'A picture that nobody described';

/** A cut is drawn, because it is made only when the post goes on the calendar. */
function Picture({ src, altText, width, height, crop }: ShownPicture) {
  if (!src) return html`<p class="hint">${NOT_KEPT}</p>`;
  const alt = altText || UNDESCRIBED;
  if (!crop) return html`<img src=${src} alt=${alt} width=${width} height=${height} />`;
  const [fullWidth, fullHeight] = [width / crop.width, height / crop.height];
  const box = [crop.left * fullWidth, crop.top * fullHeight, width, height].map((pixels) =>
    Math.round(pixels),
  );
  return html`<svg role="img" aria-label=${alt} viewBox=${box.join(' ')} width=${width} height=${height}>
    <image href=${src} width=${fullWidth} height=${fullHeight} preserveAspectRatio="none" />
  </svg>`;
}

function describe({ width, height, mimeType, crop, fit }: ShownPicture): string {
  if (fit === 'no') return 'Cannot go out here as it is.';
  const type = mimeType.replace('image/', '').toUpperCase();
  return `${width} × ${height}, ${type}${crop ? ', cut' : ''}`;
}

import { Button, Card, Field, Form, LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { MediaCrops, type ShownCrop } from './media-crops.ts';
import { MediaUses, type MediaUse } from './media-uses.ts';

export interface ShownMedia {
  id: string;
  state: 'awaiting_upload' | 'ready' | 'failed' | 'deleted';
  filename: string | null;
  altText: string | null;
  focalX: number;
  focalY: number;
  tags: readonly string[];
  mimeType: string | null;
  width: number | null;
  height: number | null;
  byteCount: number | null;
  problem: { message: string } | null;
}

export interface MediaItemViewProps {
  viewer: Viewer;
  done: string | undefined;
  problem: { message: string } | undefined;
  /** As they were typed, where they were refused. */
  values: { altText: string; tags: string; focalX: string; focalY: string } | undefined;
  mayAct: boolean;
  media: ShownMedia;
  src: string | null;
  thumbnail: string | null;
  crops: readonly ShownCrop[];
  uses: readonly MediaUse[];
}

export function MediaItemView(props: MediaItemViewProps) {
  const { viewer, done, mayAct, media, src, uses } = props;
  const isThere = media.state !== 'deleted';
  return html`<${Layout}
    title=${media.filename ?? 'Picture'}
    viewer=${viewer}
    section="media"
    back=${{ href: '/media', label: 'Media' }}
    styles=${['media']}
    scripts=${mayAct && src ? ['focal-point'] : []}
  >
    <h1>${media.filename ?? 'Picture'}</h1>
    ${done && html`<${Notice} tone="good" isNews>${done}<//>`}
    <${State} media=${media} />
    <div class="columns">
      <div class="stack">${src && html`<${Picture} ...${props} src=${src} />`} <${Crops} ...${props} /></div>
      <div class="stack">
        ${mayAct && isThere && html`<${EditForm} ...${props} />`}
        ${!mayAct && html`<${Card} title="Alt text"><p>${media.altText ?? 'None.'}</p><//>`}
        <${Card} title="Where it is used"><${MediaUses} uses=${uses} /><//>
        ${
          mayAct &&
          isThere &&
          html`<p>
            <${LinkButton} href=${`/media/${media.id}/delete`} look="danger">Delete this picture<//>
          </p>`
        }
      </div>
    </div>
  <//>`;
}

function Picture({ media, src }: MediaItemViewProps & { src: string }) {
  const { width, height, focalX, focalY, mimeType, byteCount } = media;
  const [wide, high] = [width ?? 1, height ?? 1];
  return html`<figure class="picture">
    <div class=${high > wide ? 'stage tall' : 'stage'} data-focal-stage>
      <img src=${src} alt=${media.altText ?? ''} width=${wide} height=${high} />
      <svg class="focal-mark" aria-hidden="true" viewBox=${`0 0 ${wide} ${high}`}>
        <circle cx=${focalX * wide} cy=${focalY * high} r=${Math.max(wide, high) * 0.025} />
      </svg>
    </div>
    <figcaption class="hint">
      ${mimeType?.replace('image/', '').toUpperCase()}, ${wide} × ${high} pixels,
      ${' '}${Math.ceil((byteCount ?? 0) / 1000)} kB
    </figcaption>
  </figure>`;
}

function Crops({ media, thumbnail, crops }: MediaItemViewProps) {
  if (!thumbnail || crops.length === 0) return null;
  return html`<${Card} title="As networks show it">
    <p class="hint">Around the focal point, for the networks that the team has channels on.</p>
    <${MediaCrops} crops=${crops} src=${thumbnail} width=${media.width ?? 1} height=${media.height ?? 1} />
  <//>`;
}

function State({ media: { state, altText, problem } }: { media: ShownMedia }) {
  if (state === 'deleted') return html`<${Notice} tone="warning">It was deleted.<//>`;
  if (state === 'awaiting_upload') {
    return html`<${Notice}>
      ${problem ? `The last file was not taken: ${problem.message}` : 'No file was sent to its upload link yet.'}
    <//>`;
  }
  if (altText) return null;
  return html`<${Notice} tone="warning" title="No alt text.">
    <p>
      People who cannot see the picture learn nothing of it, and some networks ask for it. Write it below.
    </p>
  <//>`;
}

function EditForm({ viewer, media, problem, values }: MediaItemViewProps) {
  const percent = (share: number) => String(Math.round(share * 1000) / 10);
  return html`<${Card} title="What is said about it">
    <${Form} action=${`/media/${media.id}`} csrfToken=${viewer.csrfToken}>
      <${Field}
        label="Alt text"
        name="altText"
        rows=${3}
        maxlength=${2000}
        value=${values?.altText ?? media.altText ?? ''}
        hint="What a person who cannot see it should know. Drafts follow; what is scheduled keeps what it had."
      />
      <${Field}
        label="Tags"
        name="tags"
        value=${values?.tags ?? media.tags.join(', ')}
        hint="Separated by commas"
      />
      <fieldset class="focal" data-focal-fields>
        <legend>Focal point: what a crop keeps</legend>
        <${Field}
          label="Percent from the left"
          name="focalX"
          value=${values?.focalX ?? percent(media.focalX)}
          inputmode="numeric"
          error=${problem?.message}
        />
        <${Field}
          label="Percent from the top"
          name="focalY"
          value=${values?.focalY ?? percent(media.focalY)}
          inputmode="numeric"
        />
      </fieldset>
      <${Button}>Save<//>
    <//>
  <//>`;
}

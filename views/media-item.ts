import { Button, Card, Field, Form, LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { networkName } from './networks.ts';
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
  mayAct: boolean;
  media: ShownMedia;
  src: string | null;
  fits: readonly (readonly [network: string, fit: 'ok' | 'will_convert' | 'no'])[];
  uses: readonly MediaUse[];
}

const FITS = { ok: 'as it is', will_convert: 'converted', no: 'not at all' } as const;

export function MediaItemView({ viewer, done, problem, mayAct, media, src, fits, uses }: MediaItemViewProps) {
  const isThere = media.state !== 'deleted';
  return html`<${Layout}
    title=${media.filename ?? 'Picture'}
    viewer=${viewer}
    section="media"
    back=${{ href: '/media', label: 'Media' }}
    styles=${['media']}
  >
    <h1>${media.filename ?? 'Picture'}</h1>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    <${State} media=${media} />
    ${
      src &&
      html`<figure class="picture">
        <img src=${src} alt=${media.altText ?? ''} width=${media.width} height=${media.height} />
        <figcaption class="hint">
          ${media.mimeType?.replace('image/', '').toUpperCase()}, ${media.width} × ${media.height} pixels,
          ${' '}${Math.ceil((media.byteCount ?? 0) / 1000)} kB
        </figcaption>
      </figure>`
    }
    ${mayAct && isThere && html`<${EditForm} viewer=${viewer} media=${media} problem=${problem} />`}
    ${!mayAct && html`<${Card} title="Alt text"><p>${media.altText ?? 'None.'}</p><//>`}
    ${
      fits.length > 0 &&
      html`<${Card} title="What networks take">
        <ul class="list">
          ${fits.map(([network, fit]) => html`<li key=${network}>${networkName(network)}: ${FITS[fit]}</li>`)}
        </ul>
      <//>`
    }
    <${Card} title="Where it is used"><${MediaUses} uses=${uses} /><//>
    ${
      mayAct &&
      isThere &&
      html`<p><${LinkButton} href=${`/media/${media.id}/delete`} look="danger">Delete this picture<//></p>`
    }
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

function EditForm({ viewer, media, problem }: Pick<MediaItemViewProps, 'viewer' | 'media' | 'problem'>) {
  const percent = (share: number) => String(Math.round(share * 1000) / 10);
  return html`<${Card} title="What is said about it">
    <${Form} action=${`/media/${media.id}`} csrfToken=${viewer.csrfToken}>
      <${Field}
        label="Alt text"
        name="altText"
        rows=${3}
        maxlength=${2000}
        value=${media.altText ?? ''}
        hint="What a person who cannot see it should know. Drafts follow; what is scheduled keeps what it had."
      />
      <${Field} label="Tags" name="tags" value=${media.tags.join(', ')} hint="Separated by commas" />
      <fieldset class="focal">
        <legend>What a crop keeps</legend>
        <${Field}
          label="Percent from the left"
          name="focalX"
          value=${percent(media.focalX)}
          inputmode="numeric"
          error=${problem?.message}
        />
        <${Field}
          label="Percent from the top"
          name="focalY"
          value=${percent(media.focalY)}
          inputmode="numeric"
        />
      </fieldset>
      <${Button}>Save<//>
    <//>
  <//>`;
}

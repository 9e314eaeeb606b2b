import { Button, EmptyState, Field, Form, LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';

export interface DescribeMediaViewProps {
  viewer: Viewer;
  done: string | undefined;
  problem: string | undefined;
  /** Null: none is left from here on. */
  media: { id: string; filename: string | null; width: number; height: number } | null;
  src: string;
  /** In the whole library, this one included. */
  undescribed: number;
  /** Where this page stands, for the form to come back to. */
  cursor: string | undefined;
  /** Leaves this one as it is; undefined at the end. */
  skipHref: string | undefined;
}

/** One picture after the other that nobody described yet. */
export function DescribeMediaView(props: DescribeMediaViewProps) {
  const { viewer, done, media, undescribed } = props;
  return html`<${Layout}
    title="Write alt texts"
    viewer=${viewer}
    section="media"
    back=${{ href: '/media', label: 'Media' }}
    width="narrow"
    styles=${['media']}
  >
    <h1>Write alt texts</h1>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    ${
      media
        ? html`<${Describe} ...${props} media=${media} />`
        : html`<${EmptyState}
            title=${undescribed === 0 ? 'Every picture has an alt text.' : 'That was the last one.'}
          >
            <p>
              ${
                undescribed === 0
                  ? html`<${LinkButton} href="/media">Back to the library<//>`
                  : html`<${LinkButton} href="/media/describe">Begin again with those you skipped<//>`
              }
            </p>
          <//>`
    }
  <//>`;
}

function Describe({
  viewer,
  problem,
  media,
  src,
  undescribed,
  cursor,
  skipHref,
}: DescribeMediaViewProps & { media: NonNullable<DescribeMediaViewProps['media']> }) {
  const name = media.filename ?? 'Picture';
  return html`<div class="describe">
    <p class="meta">
      <span>${name}</span>
      <span>${undescribed === 1 ? 'the only one without' : `${undescribed} without alt text`}</span>
    </p>
    <figure class="picture">
      <img src=${src} alt="The picture to describe" width=${media.width} height=${media.height} />
    </figure>
    <${Form}
      action=${`/media/${media.id}/describe`}
      csrfToken=${viewer.csrfToken}
      label=${`Describe ${name}`}
    >
      ${cursor && html`<input type="hidden" name="cursor" value=${cursor} />`}
      <${Field}
        label="Alt text"
        name="altText"
        rows=${3}
        maxlength=${2000}
        error=${problem}
        hint="What a person who cannot see it should know."
        autofocus
      />
      <div class="actions">
        <${Button}>Save, and the next<//>
        ${skipHref && html`<${LinkButton} href=${skipHref}>Skip it<//>`}
      </div>
    <//>
  </div>`;
}

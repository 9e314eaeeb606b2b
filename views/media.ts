import { Button, EmptyState, Field, LinkButton, Notice, Pager } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { AddPictures, type AddPicturesProps } from './media-add.ts';

export interface PictureTile {
  href: string;
  src: string;
  filename: string | null;
  altText: string | null;
  width: number;
  height: number;
}

export interface MediaViewProps extends AddPicturesProps {
  viewer: Viewer;
  done: string | undefined;
  mayAct: boolean;
  query: string;
  /** Only pictures with it are shown. */
  tag: string;
  /** Of all pictures, with where each leads; the one that is chosen leads back. */
  tags: readonly { tag: string; href: string }[];
  /** Only pictures without alt text are shown. */
  isMissingAlt: boolean;
  /** In the whole library. */
  undescribed: number;
  usedBytes: number;
  quotaBytes: number;
  pictures: readonly PictureTile[];
  nextHref: string | undefined;
  firstHref: string | undefined;
}

export function MediaView(props: MediaViewProps) {
  const { viewer, done, pictures, mayAct, nextHref, firstHref } = props;
  return html`<${Layout}
    title="Media"
    viewer=${viewer}
    section="media"
    back=${{ href: '/', label: 'Home' }}
    styles=${['media']}
    scripts=${mayAct ? ['upload', 'live'] : ['live']}
  >
    <h1>Media</h1>
    <p>Pictures that the posts of ${viewer.team.name} can show.</p>
    ${done && html`<${Notice} tone="good" isNews>${done}<//>`}
    ${mayAct && html`<${AddPictures} ...${props} />`}
    <div id="library" class="library" data-live>
      <${Quota} ...${props} /> <${Undescribed} ...${props} />
      <${Filters} ...${props} />
      ${
        pictures.length === 0
          ? html`<${Nothing} ...${props} />`
          : html`<ul class="pictures" role="list">
              ${pictures.map((picture) => html`<${Tile} key=${picture.href} ...${picture} />`)}
            </ul>`
      }
      <${Pager} nextHref=${nextHref} firstHref=${firstHref} />
    </div>
  <//>`;
}

function Quota({ usedBytes, quotaBytes }: MediaViewProps) {
  const [used, allowed] = [usedBytes, quotaBytes].map(toMegabytes);
  return html`<div class="quota">
    <label for="quota">${used} of ${allowed} MB used</label>
    <meter
      id="quota"
      min="0"
      max=${quotaBytes}
      high=${quotaBytes * 0.8}
      optimum="0"
      value=${Math.min(usedBytes, quotaBytes)}
    ></meter>
  </div>`;
}

/** Rounded up, as the refusal at the end of the quota counts. */
function toMegabytes(bytes: number): string {
  return (Math.ceil(bytes / 1e5) / 10).toLocaleString('en-GB');
}

function Undescribed({ undescribed, mayAct, isMissingAlt }: MediaViewProps) {
  if (undescribed === 0) return null;
  return html`<${Notice} tone="warning">
    <p>${undescribed === 1 ? 'One picture has no alt text.' : `${undescribed} pictures have no alt text.`}</p>
    <div class="actions">
      ${mayAct && html`<${LinkButton} href="/media/describe" look="primary">Write ${undescribed === 1 ? 'it' : 'them one after the other'}<//>`}
      ${!isMissingAlt && html`<${LinkButton} href="/media?show=missing-alt">Show ${undescribed === 1 ? 'it' : 'them'}<//>`}
    </div>
  <//>`;
}

function Filters({ query, tag, tags, isMissingAlt }: MediaViewProps) {
  return html`<form class="filters" method="get" action="/media" aria-label="Find pictures">
    <${Field}
      label="Find"
      name="q"
      value=${query}
      maxlength=${100}
      hint="In file names, alt texts and tags"
    />
    ${tag && html`<input type="hidden" name="tag" value=${tag} />`}
    <div class="actions">
      <label class="check">
        <input type="checkbox" name="show" value="missing-alt" checked=${isMissingAlt} /> Only without alt
        text
      </label>
      <${Button} look="plain">Show<//>
    </div>
    ${
      tags.length > 0 &&
      html`<nav class="tabs" aria-label="Tags">
        ${tags.map((one) => html`<a key=${one.tag} href=${one.href} aria-current=${one.tag === tag ? 'true' : undefined}>${one.tag}</a>`)}
      </nav>`
    }
  </form>`;
}

function Nothing({ query, tag, isMissingAlt, firstHref, mayAct }: MediaViewProps) {
  if (!query && !tag && !isMissingAlt && !firstHref) {
    return html`<${EmptyState} title="No pictures yet."
      ><p>${mayAct ? 'Add one above, or let' : 'Let'} your editor add one with upload_media.</p><//
    >`;
  }
  return html`<${EmptyState}
    title=${isMissingAlt && !query && !tag ? 'Every picture has an alt text.' : 'Nothing fits.'}
    ><p><${LinkButton} href="/media">Show all<//></p><//
  >`;
}

function Tile({ href, src, filename, altText, width, height }: PictureTile) {
  const name = filename || altText || 'Picture';
  return html`<li>
    <a href=${href}>
      <img
        src=${src}
        alt=${altText === name ? '' : (altText ?? '')}
        loading="lazy"
        decoding="async"
        width=${width}
        height=${height}
      />
      <span class="name">${name}</span>
    </a>
    <span class="hint">${width} × ${height}</span>
    ${!altText && html`<span class="badge" data-tone="warning">No alt text</span>`}
  </li>`;
}

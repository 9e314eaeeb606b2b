import { Button, EmptyState, Field, LinkButton, Notice, Pager } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';

export interface PictureTile {
  href: string;
  src: string;
  filename: string | null;
  altText: string | null;
  width: number;
  height: number;
}

export interface MediaViewProps {
  viewer: Viewer;
  done: string | undefined;
  problem: { field?: string | undefined; message: string } | undefined;
  mayAct: boolean;
  maxMegabytes: number;
  query: string;
  /** Only pictures without alt text are shown. */
  isMissingAlt: boolean;
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
  >
    <h1>Media</h1>
    <p>Pictures that the posts of ${viewer.team.name} can show.</p>
    ${done && html`<${Notice} tone="good">${done}<//>`} ${mayAct && html`<${UploadForm} ...${props} />`}
    <${Filters} ...${props} />
    ${
      pictures.length === 0
        ? html`<${Nothing} ...${props} />`
        : html`<ul class="pictures" role="list">
            ${pictures.map((picture) => html`<${Tile} key=${picture.href} ...${picture} />`)}
          </ul>`
    }
    <${Pager} nextHref=${nextHref} firstHref=${firstHref} />
  <//>`;
}

function UploadForm({ viewer, problem, maxMegabytes }: MediaViewProps) {
  const describedBy = problem ? 'field-file-hint field-file-error' : 'field-file-hint';
  return html`<form
    class="card"
    method="post"
    action="/media"
    enctype="multipart/form-data"
    aria-label="Add a picture"
  >
    <h2>Add a picture</h2>
    <input type="hidden" name="csrf" value=${viewer.csrfToken} />
    <input type="hidden" name="team" value=${viewer.team.id} />
    <div class="field">
      <label for="field-file">File</label>
      <input
        id="field-file"
        name="file"
        type="file"
        required
        accept="image/jpeg,image/png,image/webp,image/gif,image/avif"
        aria-describedby=${describedBy}
        aria-invalid=${problem ? 'true' : undefined}
      />
      <p class="hint" id="field-file-hint">
        JPEG, PNG, WebP, GIF or AVIF, up to ${maxMegabytes} MB. A large one takes a moment after you send it.
      </p>
      ${problem && html`<p class="error" id="field-file-error" role="alert">${problem.message}</p>`}
    </div>
    <${Field}
      label="Alt text"
      name="altText"
      rows=${2}
      maxlength=${2000}
      hint="What a person who cannot see it should know. It goes out with the picture."
    />
    <${Button}>Add it<//>
  </form>`;
}

function Filters({ query, isMissingAlt }: MediaViewProps) {
  return html`<form class="filters card" method="get" action="/media" aria-label="Find pictures">
    <${Field}
      label="Find"
      name="q"
      value=${query}
      maxlength=${100}
      hint="In file names, alt texts and tags"
    />
    <div class="actions">
      <label class="check">
        <input type="checkbox" name="show" value="missing-alt" checked=${isMissingAlt} /> Only without alt
        text
      </label>
      <${Button} look="plain">Show<//>
    </div>
  </form>`;
}

function Nothing({ query, isMissingAlt, firstHref }: MediaViewProps) {
  if (!query && !isMissingAlt && !firstHref) {
    return html`<${EmptyState} title="No pictures yet."
      ><p>Add one above, or let your editor add one with upload_media.</p><//
    >`;
  }
  return html`<${EmptyState}
    title=${isMissingAlt && !query ? 'Every picture has an alt text.' : 'Nothing fits.'}
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
        width=${width}
        height=${height}
      />
      <span class="name">${name}</span>
    </a>
    <span class="hint">${width} × ${height}</span>
    ${!altText && html`<span class="badge" data-tone="warning">No alt text</span>`}
  </li>`;
}

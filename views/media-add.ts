import { Button, Field, Form, Select } from './components.ts';
import { html } from './html.ts';
import type { Viewer } from './layout.ts';

export interface AddPicturesProps {
  viewer: Viewer;
  /** Which of the three forms was refused, why, and what was typed. */
  problem: { form: 'upload' | 'import' | 'card'; field?: string | undefined; message: string } | undefined;
  values: Readonly<Record<string, string>>;
  maxMegabytes: number;
}

const SIZES = [
  { value: 'landscape', label: 'Landscape, 1200 × 630' },
  { value: 'square', label: 'Square, 1080 × 1080' },
  { value: 'portrait', label: 'Portrait, 1080 × 1350' },
  { value: 'story', label: 'Story, 1080 × 1920' },
];
const THEMES = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

/** Three ways to a picture: a file, an address, or a card made of words. */
export function AddPictures(props: AddPicturesProps) {
  return html`<section class="card add-pictures" aria-labelledby="add-pictures">
    <h2 id="add-pictures">Add pictures</h2>
    <${UploadForm} ...${props} /> <${ImportForm} ...${props} /> <${CardForm} ...${props} />
  </section>`;
}

/** With JavaScript it takes several files, also dropped ones, and shows how far each is (assets/upload.js). */
function UploadForm({ viewer, problem, maxMegabytes }: AddPicturesProps) {
  const message = problem?.form === 'upload' ? problem.message : undefined;
  const describedBy = message ? 'field-file-hint field-file-error' : 'field-file-hint';
  return html`<form
    method="post"
    action="/media"
    enctype="multipart/form-data"
    aria-label="Upload a picture"
    data-upload
    data-max-bytes=${Math.round(maxMegabytes * 1e6)}
  >
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
        aria-invalid=${message ? 'true' : undefined}
      />
      <p class="hint" id="field-file-hint">
        JPEG, PNG, WebP, GIF or AVIF, up to ${maxMegabytes} MB. A large one takes a moment after you send it.
      </p>
      ${message && html`<p class="error" id="field-file-error" role="alert">${message}</p>`}
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

function ImportForm({ viewer, problem, values }: AddPicturesProps) {
  const message = problem?.form === 'import' ? problem.message : undefined;
  return html`<details open=${Boolean(message)}>
    <summary>From an address</summary>
    <${Form} action="/media/import" csrfToken=${viewer.csrfToken} label="Import a picture from an address">
      <input type="hidden" name="team" value=${viewer.team.id} />
      <${Field}
        label="Address of the picture"
        name="url"
        type="url"
        value=${values['url']}
        error=${message}
        hint="Public and on https. It is fetched once and kept here."
        maxlength=${2000}
        required
      />
      <${Field}
        id="import-alt"
        label="Alt text of the picture"
        name="altText"
        rows=${2}
        maxlength=${2000}
        value=${message ? values['altText'] : undefined}
      />
      <${Button} look="plain">Import it<//>
    <//>
  </details>`;
}

function CardForm({ viewer, problem, values }: AddPicturesProps) {
  const message = problem?.form === 'card' ? problem.message : undefined;
  return html`<details open=${Boolean(message)}>
    <summary>As a card of words</summary>
    <${Form} action="/media/card" csrfToken=${viewer.csrfToken} label="Make a card of words">
      <input type="hidden" name="team" value=${viewer.team.id} />
      <${Field}
        label="Title"
        name="title"
        value=${values['title']}
        error=${message}
        maxlength=${200}
        hint=${`The name of the team, ${viewer.team.name}, stands below it. The words become its alt text.`}
        required
      />
      <${Field} label="Second line" name="subtitle" value=${values['subtitle']} maxlength=${300} />
      <div class="pair">
        <${Select} label="Shape" name="size" options=${SIZES} value=${values['size']} />
        <${Select} label="Look" name="theme" options=${THEMES} value=${values['theme']} />
      </div>
      <${Button} look="plain">Make the card<//>
    <//>
  </details>`;
}

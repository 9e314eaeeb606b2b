import { Problems } from './caption-editor.ts';
import type { ShownProblem } from './caption-problems.ts';
import { html } from './html.ts';

export interface ChoosablePicture {
  mediaId: string;
  /** Null for one that is no longer in the library. */
  src: string | null;
  altText: string | null;
  filename: string | null;
}

export interface PictureChooserProps {
  /** In the order in which they are shown. */
  chosen: readonly ChoosablePicture[];
  /** Others of the library, the newest first. */
  library: readonly ChoosablePicture[];
  query: string;
  problems: readonly ShownProblem[];
  action: string;
}

/** Pictures of the library for a post, with what is said about each. */
export function PictureChooser({ chosen, library, query, problems, action }: PictureChooserProps) {
  const here = `${action}#pictures`;
  return html`<section class="card" id="pictures" aria-label="Pictures">
    <h2>Pictures</h2>
    <${Problems} id="picture-problems" problems=${problems} />
    ${
      chosen.length > 0 &&
      html`<fieldset id="chosen-pictures">
        <legend>On the post, in this order</legend>
        <ul class="choices" role="list">
          ${chosen.map(
            (picture, index) =>
              html`<${Choice} key=${picture.mediaId} picture=${picture} isChosen=${true}>
                ${
                  index > 0 &&
                  html`<button class="quiet" name="do" value=${`up ${picture.mediaId}`} formaction=${here}>
                    Show earlier<span class="hidden">${`: picture ${index + 1}`}</span>
                  </button>`
                }
              <//>`,
          )}
        </ul>
      </fieldset>`
    }
    <fieldset id="library-pictures">
      <legend>In the library</legend>
      ${
        library.length === 0
          ? html`<p class="hint">
              ${query ? 'Nothing fits.' : chosen.length > 0 ? 'No others.' : 'No pictures yet.'}${' '}
              <a href="/media">Open the library</a>
            </p>`
          : html`<ul class="choices" role="list">
              ${library.map((picture) => html`<${Choice} key=${picture.mediaId} picture=${picture} isChosen=${false} />`)}
            </ul>`
      }
    </fieldset>
    <div class="finder" id="picture-finder">
      <div class="field">
        <label for="field-find">Find a picture</label>
        <input
          id="field-find"
          name="find"
          value=${query}
          maxlength=${100}
          aria-describedby="field-find-hint"
        />
        <p class="hint" id="field-find-hint">In file names, alt texts and tags</p>
      </div>
      <button class="plain" name="do" value="check" formaction=${here}>Find</button>
    </div>
  </section>`;
}

function Choice({
  picture: { mediaId, src, altText, filename },
  isChosen,
  children,
}: {
  picture: ChoosablePicture;
  isChosen: boolean;
  children?: unknown;
}) {
  const id = `media-${mediaId}`;
  return html`<li class="choice" id=${`choice-${mediaId}`}>
    <label for=${id}>
      ${src && html`<img src=${src} alt="" width="160" height="120" loading="lazy" />`}
      <span class="tick">
        <input type="checkbox" id=${id} name="media" value=${mediaId} checked=${isChosen} />
        <span>${altText || filename || (src ? 'A picture' : 'It is no longer in the library')}</span>
      </span>
    </label>
    ${src && !altText && html`<p><a class="badge" data-tone="warning" href=${`/media/${mediaId}`}>No alt text yet</a></p>`}
    ${children}
  </li>`;
}

import { Button, Form, LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { MediaUses, type MediaUse } from './media-uses.ts';

export interface DeleteMediaViewProps {
  viewer: Viewer;
  media: { id: string; filename: string | null };
  uses: readonly MediaUse[];
  /** Ids of the posts that keep it from being deleted, after it was tried. */
  blockedBy: readonly string[];
}

export function DeleteMediaView({ viewer, media, uses, blockedBy }: DeleteMediaViewProps) {
  const back = { href: `/media/${media.id}`, label: media.filename ?? 'Picture' };
  return html`<${Layout}
    title="Delete a picture"
    viewer=${viewer}
    section="media"
    back=${back}
    width="narrow"
  >
    <h1>Delete ${media.filename ?? 'this picture'}?</h1>
    ${
      blockedBy.length > 0 &&
      html`<${Notice} tone="problem" title="Not deleted.">
        <p>
          ${blockedBy.length === 1 ? 'A post that is' : 'Posts that are'} scheduled, held or going out
          ${blockedBy.length === 1 ? ' needs' : ' need'} it:
        </p>
        <ul>
          ${blockedBy.map((id) => html`<li key=${id}><a href=${`/posts/${id}`}>${excerptOf(uses, id)}</a></li>`)}
        </ul>
        <p>Take ${blockedBy.length === 1 ? 'it' : 'them'} off the schedule first.</p>
      <//>`
    }
    <p>
      It is gone for good. What was published stays as it is; a draft that shows it says that it is missing.
    </p>
    <${MediaUses} uses=${uses} />
    <${Form} action=${`/media/${media.id}/delete`} csrfToken=${viewer.csrfToken}>
      <div class="actions">
        <${Button} look="danger">Delete it<//>
        <${LinkButton} href=${back.href}>Keep it<//>
      </div>
    <//>
  <//>`;
}

function excerptOf(uses: readonly MediaUse[], postId: string): string {
  return uses.find((use) => use.postId === postId)?.excerpt.trim() || 'A post';
}

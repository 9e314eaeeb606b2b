import { html } from './html.ts';
import { StateBadge } from './state-badge.ts';

export interface MediaUse {
  postId: string;
  excerpt: string;
  state: string;
}

/** The posts that show a picture. */
export function MediaUses({ uses }: { uses: readonly MediaUse[] }) {
  if (uses.length === 0) return html`<p>No post shows it.</p>`;
  return html`<ul class="list">
    ${uses.map(
      ({ postId, excerpt, state }) =>
        html`<li key=${postId}>
          <a class="main" href=${`/posts/${postId}`}>${excerpt.trim() || 'A post without words'}</a>
          <${StateBadge} state=${state} />
        </li>`,
    )}
  </ul>`;
}

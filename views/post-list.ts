import { html } from './html.ts';
import { Moment } from './moment.ts';
import { channelName, type NamedChannel } from './networks.ts';
import { StateBadge } from './state-badge.ts';

export interface ListedPost {
  id: string;
  state: string;
  /** When it goes out or went out; null for a draft. */
  when: Date | null;
  excerpt: string;
  channels: readonly NamedChannel[];
}

/** Posts as a list of links; a waiting one leads to the decision. */
export function PostList({ posts, timeZone }: { posts: readonly ListedPost[]; timeZone: string }) {
  return html`<ul class="list">
    ${posts.map(
      (post) =>
        html`<li key=${post.id}>
          <div class="line">
            <a class="main" href=${hrefOf(post)}>${post.excerpt || 'No text yet'}</a>
            <${StateBadge} state=${post.state} />
          </div>
          <p class="meta">
            <span>${post.channels.map(channelName).join(', ')}</span>
            ${post.when && html`<${Moment} at=${post.when} timeZone=${timeZone} />`}
          </p>
        </li>`,
    )}
  </ul>`;
}

function hrefOf({ id, state }: ListedPost): string {
  return state === 'awaiting_approval' ? `/posts/${id}/approve` : `/posts/${id}`;
}

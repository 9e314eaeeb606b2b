import { Button, Form } from './components.ts';
import { html } from './html.ts';
import { Moment } from './moment.ts';

export interface WaitingPost {
  postId: string;
  excerpt: string;
  dueAt: Date | null;
}

const MOST_SHOWN = 20;

export function WaitingPostList({ posts, timeZone }: { posts: readonly WaitingPost[]; timeZone: string }) {
  const more = posts.length - MOST_SHOWN;
  return html`<ul class="list">
    ${posts.slice(0, MOST_SHOWN).map(
      (post) =>
        html`<li key=${post.postId}>
          <a class="main" href=${`/posts/${post.postId}`}>${post.excerpt}</a>
          ${post.dueAt && html`<p class="meta"><${Moment} at=${post.dueAt} timeZone=${timeZone} /></p>`}
        </li>`,
    )}
    ${more > 0 && html`<li>and ${more} more</li>`}
  </ul>`;
}

export interface HeldPostsProps {
  connectionId: string;
  clientName: string;
  posts: readonly WaitingPost[];
  timeZone: string;
  /** An owner or editor. */
  mayAct: boolean;
  csrfToken: string;
}

/** Posts that stopped with their connection, and what a person can do about them. */
export function HeldPosts({ connectionId, clientName, posts, timeZone, mayAct, csrfToken }: HeldPostsProps) {
  return html`<div class="held">
    <p><strong>${posts.length === 1 ? 'One post is held.' : `${posts.length} posts are held.`}</strong></p>
    <${WaitingPostList} posts=${posts} timeZone=${timeZone} />
    ${
      mayAct &&
      html`<div class="actions">
        <${Form} action=${`/connections/${connectionId}/hand-over`} csrfToken=${csrfToken}>
          <${Button}>Hand over to me<span class="hidden">: posts of ${clientName}</span><//>
        <//>
        <${Form} action=${`/connections/${connectionId}/cancel-posts`} csrfToken=${csrfToken}>
          <${Button} look="plain">Cancel these posts<span class="hidden"> of ${clientName}</span><//>
        <//>
      </div>`
    }
  </div>`;
}

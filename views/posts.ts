import { EmptyState, LinkButton, Pager } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { PostList, type ListedPost } from './post-list.ts';

export interface PostsViewProps {
  viewer: Viewer;
  timeZone: string;
  /** An owner or editor. */
  mayAct: boolean;
  /** Which of `shows` is on. */
  show: string;
  shows: readonly { id: string; label: string }[];
  posts: readonly ListedPost[];
  nextHref: string | undefined;
  firstHref: string | undefined;
}

export function PostsView(props: PostsViewProps) {
  const { viewer, timeZone, mayAct, show, shows, posts, nextHref, firstHref } = props;
  const back = { href: '/', label: 'Home' };
  return html`<${Layout} title="Posts" viewer=${viewer} section="posts" back=${back} scripts=${['live']}>
    <h1>Posts</h1>
    ${mayAct && html`<p><${LinkButton} href="/posts/new" look="primary">New post<//></p>`}
    <nav class="tabs" aria-label="Which posts">
      ${shows.map(
        ({ id, label }) =>
          html`<a
            key=${id}
            href=${id === 'all' ? '/posts' : `/posts?show=${id}`}
            aria-current=${id === show ? 'page' : undefined}
            >${label}</a
          >`,
      )}
    </nav>
    <p class="meta"><a href="/trash">Trash</a></p>
    <div id="post-list" class="through" data-live>
      ${
        posts.length === 0
          ? html`<${EmptyState} title="No posts here."
              ><p>Posts are drafted in your editor, or written here.</p><//
            >`
          : html`<${PostList} posts=${posts} timeZone=${timeZone} />`
      }
    </div>
    <${Pager} nextHref=${nextHref} firstHref=${firstHref} />
  <//>`;
}

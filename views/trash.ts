import { Button, EmptyState, Form, Notice, Pager } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';

export interface TrashViewProps {
  viewer: Viewer;
  timeZone: string;
  done: string | undefined;
  posts: readonly {
    id: string;
    rev: number;
    excerpt: string;
    campaignName: string;
    discardedAt: Date;
    restorableUntil: Date;
  }[];
  mayAct: boolean;
  nextHref: string | undefined;
  firstHref: string | undefined;
}

export function TrashView({ viewer, timeZone, done, posts, mayAct, nextHref, firstHref }: TrashViewProps) {
  const back = { href: '/posts', label: 'Posts' };
  return html`<${Layout} title="Trash" viewer=${viewer} section="posts" back=${back}>
    <h1>Trash</h1>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    <p>What was thrown away stays here for 30 days. Restored, it is a draft again.</p>
    ${
      posts.length === 0
        ? html`<${EmptyState} title="The trash is empty." />`
        : html`<ul class="list">
            ${posts.map(
              (post) =>
                html`<li key=${post.id}>
                  <div class="line">
                    <span class="main">${post.excerpt || 'No text yet'}</span>
                    ${
                      mayAct &&
                      html`<${Form}
                        action=${`/posts/${post.id}/restore`}
                        csrfToken=${viewer.csrfToken}
                        label=${`Restore: ${post.excerpt.slice(0, 60)}`}
                      >
                        <input type="hidden" name="rev" value=${post.rev} />
                        <${Button} look="plain">Restore<//>
                      <//>`
                    }
                  </div>
                  <p class="meta">
                    <span>in ${post.campaignName}</span>
                    <span>thrown away <${Moment} at=${post.discardedAt} timeZone=${timeZone} /></span>
                    <span>gone after <${Moment} at=${post.restorableUntil} timeZone=${timeZone} /></span>
                  </p>
                </li>`,
            )}
          </ul>`
    }
    <${Pager} nextHref=${nextHref} firstHref=${firstHref} />
  <//>`;
}

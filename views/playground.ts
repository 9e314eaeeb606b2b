import { Button, EmptyState, Form, Pager } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';
import { NOT_KEPT } from './post-pictures.ts';

export interface ShownTimelinePost {
  id: string;
  postId: string;
  handle: string;
  at: Date;
  parts: readonly string[];
  /** `url` is null for what is not kept any more. */
  pictures: readonly { url: string | null; altText: string; width: number; height: number }[];
  /** People who saw it, with who is looking. */
  views: number;
  likes: number;
  /** By who is looking. */
  isLiked: boolean;
}

export interface PlaygroundViewProps {
  viewer: Viewer;
  timeZone: string;
  posts: readonly ShownTimelinePost[];
  nextHref: string | undefined;
  firstHref: string | undefined;
}

export function PlaygroundView({ viewer, timeZone, posts, nextHref, firstHref }: PlaygroundViewProps) {
  const back = { href: '/', label: 'Home' };
  return html`<${Layout}
    title="Playground"
    viewer=${viewer}
    section="playground"
    back=${back}
    width="narrow"
    scripts=${['live']}
  >
    <h1>Playground</h1>
    <p>What ${viewer.team.name} published to the network inside this server. Only your team sees it.</p>
    <div id="timeline" class="through" data-live>
      ${
        posts.length === 0
          ? html`<${EmptyState} title="Nothing here yet."
              ><p>Publish a post to the Playground channel and it turns up here.</p><//
            >`
          : posts.map((post) => html`<${TimelineEntry} key=${post.id} ...${{ viewer, post, timeZone }} />`)
      }
    </div>
    <${Pager} nextHref=${nextHref} firstHref=${firstHref} />
  <//>`;
}

export interface PlaygroundPostViewProps {
  viewer: Viewer;
  timeZone: string;
  post: ShownTimelinePost;
}

export function PlaygroundPostView({ viewer, timeZone, post }: PlaygroundPostViewProps) {
  const back = { href: '/playground', label: 'Playground' };
  return html`<${Layout}
    title="Post on the Playground"
    viewer=${viewer}
    section="playground"
    back=${back}
    width="narrow"
  >
    <h1>Post by ${viewer.team.name}</h1>
    <${TimelineEntry} ...${{ viewer, post, timeZone }} />
    <p><a href=${`/posts/${post.postId}`}>How it got here</a></p>
  <//>`;
}

function TimelineEntry({ viewer, post, timeZone }: PlaygroundPostViewProps) {
  return html`<article class="card entry">
    <header>
      <span class="avatar" aria-hidden="true">${[...viewer.team.name][0]}</span>
      <p>
        <strong>${viewer.team.name}</strong> <span class="hint">@${post.handle}</span><br />
        <a class="hint" href=${`/playground/${post.id}`}><${Moment} at=${post.at} timeZone=${timeZone} /></a>
      </p>
    </header>
    <p class="caption">${post.parts[0]}</p>
    ${
      post.pictures.length > 0 &&
      html`<div class="pictures">
        ${post.pictures.map(({ url, altText, width, height }) =>
          url === null
            ? html`<p class="hint">${NOT_KEPT}${altText && ` It showed: ${altText}`}</p>`
            : html`<a key=${url} href=${url}
                ><img
                  src=${url}
                  alt=${altText || 'A picture that nobody described'}
                  width=${width}
                  height=${height}
                  loading="lazy"
              /></a>`,
        )}
      </div>`
    }
    ${post.parts.slice(1).map((part) => html`<p class="caption">${part}</p>`)}
    <div class="line">
      <p class="meta">
        <span>seen by ${post.views}</span>
        <span>liked by ${post.likes}</span>
      </p>
      <${Form} action=${`/playground/${post.id}/like`} csrfToken=${viewer.csrfToken}>
        <${Button} look="plain" name="like" value=${post.isLiked ? 'no' : 'yes'}>
          ${post.isLiked ? 'Take back your like' : 'Like'}
        <//>
      <//>
    </div>
  </article>`;
}

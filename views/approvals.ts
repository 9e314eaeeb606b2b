import type { AwaitingPost } from '../server/deliveries/list-awaiting.ts';
import { EmptyState, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';
import { channelName } from './networks.ts';
import { Author } from './post.ts';

export interface ApprovalsViewProps {
  viewer: Viewer;
  timeZone: string;
  done: string | undefined;
  posts: readonly AwaitingPost[];
  mayAct: boolean;
}

/** All that waits for somebody's yes, what is due first at the top. */
export function ApprovalsView({ viewer, timeZone, done, posts, mayAct }: ApprovalsViewProps) {
  return html`<${Layout}
    title="Approvals"
    viewer=${viewer}
    section="approvals"
    back=${{ href: '/', label: 'Home' }}
    scripts=${['live']}
    styles=${['approval']}
  >
    <h1>Approvals</h1>
    ${done && html`<${Notice} tone="good" isNews>${done}<//>`}
    ${!mayAct && html`<p>As a viewer of this team you can look, but not decide.</p>`}
    <div id="approvals" class="awaiting" data-live>
      ${
        posts.length === 0
          ? html`<${EmptyState} title="Nothing waits for approval.">
              <p>What a client may not send by itself, and what a rule of the team stops, comes here.</p>
            <//>`
          : html`<ol class="list">
              ${posts.map((post) => html`<${Line} key=${post.id} post=${post} timeZone=${timeZone} />`)}
            </ol>`
      }
    </div>
  <//>`;
}

function Line({ post, timeZone }: { post: AwaitingPost; timeZone: string }) {
  const { id, excerpt, dueAt, isDue, expiresAt, askedBy, askedOf, channels } = post;
  return html`<li>
    <div class="line">
      <a class="main" href=${`/posts/${id}/approve`}>${excerpt.trim() || 'A post without words'}</a>
      ${isDue && html`<span class="badge" data-tone="problem">Its time has come</span>`}
      ${askedOf && html`<span class="badge">${askedOf} is asked</span>`}
    </div>
    <p class="meta">
      ${
        dueAt
          ? html`<span
              >${isDue ? 'was to go out' : 'goes out'}${' '}<${Moment} at=${dueAt} timeZone=${timeZone}
            /></span>`
          : expiresAt &&
            html`<span
              >no time yet, asked until${' '}<${Moment} at=${expiresAt} timeZone=${timeZone}
            /></span>`
      }
      <span>${channels.map(channelName).join(', ')}</span>
      ${askedBy && html`<span>asked by${' '}<${Author} ...${askedBy} /></span>`}
    </p>
  </li>`;
}

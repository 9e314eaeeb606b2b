import { Card, EmptyState, Notice } from './components.ts';
import { FirstSteps } from './first-steps.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';
import { channelName } from './networks.ts';
import { PostList, type ListedPost } from './post-list.ts';
import { nameOfStop, type ShownStop } from './stops.ts';

/** A channel that a person has to link again. */
interface ShownNeed {
  id: string;
  network: string;
  handle: string;
  imitates: string | null;
  need: 'needs_reconnect' | 'link_ends';
  endsAt: Date | null;
  waiting: number;
}

export interface HomeViewProps {
  viewer: Viewer;
  timeZone: string;
  done: string | undefined;
  mcpUrl: string;
  stops: readonly ShownStop[];
  /** No client may act for this team at the moment. */
  isNothingConnected: boolean;
  needsYou: readonly ListedPost[];
  hasMoreNeedsYou: boolean;
  channelsInNeed: readonly ShownNeed[];
  upcoming: readonly ListedPost[];
  published: readonly {
    postId: string;
    network: string;
    handle: string;
    publishedAt: Date;
    url: string | null;
    excerpt: string;
  }[];
  campaigns: readonly { id: string; name: string; total: number; nextPostAt: Date | null }[];
}

export function HomeView(props: HomeViewProps) {
  const { viewer, timeZone, needsYou, upcoming, published, campaigns } = props;
  return html`<${Layout}
    title="Home"
    viewer=${viewer}
    section="home"
    scripts=${props.isNothingConnected ? ['copy'] : []}
  >
    <h1>${viewer.team.name}</h1>
    ${props.done && html`<${Notice} tone="good">${props.done}<//>`}
    ${props.stops.length > 0 && html`<${Stopped} stops=${props.stops} />`}
    ${props.isNothingConnected && html`<${FirstSteps} mcpUrl=${props.mcpUrl} />`}
    <${Card} title="Needs you">
      <${ChannelNeeds} needs=${props.channelsInNeed} timeZone=${timeZone} />
      ${
        needsYou.length === 0 && props.channelsInNeed.length === 0
          ? html`<${EmptyState} title="Nothing waits for you."
              ><p>Posts that need approval or a second look turn up here.</p><//
            >`
          : html`<${PostList} posts=${needsYou} timeZone=${timeZone} />`
      }
      ${props.hasMoreNeedsYou && html`<p><a href="/posts?show=needs-you">See all that need you</a></p>`}
    <//>
    <div class="columns">
      <${Card} title="Going out next">
        ${
          upcoming.length === 0
            ? html`<${EmptyState} title="Nothing is scheduled." />`
            : html`<${PostList} posts=${upcoming} timeZone=${timeZone} />`
        }
      <//>
      <${Card} title="Went out">
        ${
          published.length === 0
            ? html`<${EmptyState} title="Nothing was published yet." />`
            : html`<${PublishedList} published=${published} timeZone=${timeZone} />`
        }
      <//>
    </div>
    <${Card} title="Campaigns">
      ${
        campaigns.length === 0
          ? html`<${EmptyState} title="No campaigns yet."
              ><p>Ask your editor: “Plan a campaign for our launch.”</p><//
            >`
          : html`<ul class="list">
              ${campaigns.map(
                (campaign) =>
                  html`<li key=${campaign.id}>
                    <a class="main" href=${`/campaigns/${campaign.id}`}>${campaign.name}</a>
                    <p class="meta">
                      <span>${campaign.total} ${campaign.total === 1 ? 'post' : 'posts'}</span>
                      ${campaign.nextPostAt && html`<span>next <${Moment} at=${campaign.nextPostAt} timeZone=${timeZone} /></span>`}
                    </p>
                  </li>`,
              )}
            </ul>`
      }
    <//>
  <//>`;
}

function Stopped({ stops }: { stops: readonly ShownStop[] }) {
  const isAll = stops.some(({ kind }) => kind === 'everything');
  return html`<${Notice}
    tone="warning"
    title=${isAll ? 'Publishing is stopped.' : 'Publishing is stopped in part.'}
  >
    ${stops.map((stop) => html`<p key=${stop.id}>${nameOfStop(stop)}: ${stop.reason}</p>`)}
    <p><a href="/stops">See what is stopped</a></p>
  <//>`;
}

function ChannelNeeds({ needs, timeZone }: { needs: readonly ShownNeed[]; timeZone: string }) {
  if (needs.length === 0) return null;
  return html`<ul class="list" aria-label="Channels to link again">
    ${needs.map(
      (need) =>
        html`<li key=${need.id}>
          <div class="line">
            <a class="main" href="/channels">Link ${channelName(need)} again</a>
            <span class="badge" data-tone=${need.endsAt ? 'warning' : 'problem'}>channel</span>
          </div>
          <p class="meta">
            ${
              need.endsAt
                ? html`<span>its link ends${' '}<${Moment} at=${need.endsAt} timeZone=${timeZone} /></span>`
                : html`<span>the network no longer accepts its sign-in</span>`
            }
            ${need.waiting > 0 && html`<span>${need.waiting} ${need.waiting === 1 ? 'post waits' : 'posts wait'} on it</span>`}
          </p>
        </li>`,
    )}
  </ul>`;
}

function PublishedList({ published, timeZone }: Pick<HomeViewProps, 'published' | 'timeZone'>) {
  return html`<ul class="list">
    ${published.map(
      (delivery) =>
        html`<li>
          <a class="main" href=${`/posts/${delivery.postId}`}>${delivery.excerpt}</a>
          <p class="meta">
            ${delivery.url ? html`<a href=${delivery.url}>${channelName(delivery)}</a>` : html`<span>${channelName(delivery)}</span>`}
            <${Moment} at=${delivery.publishedAt} timeZone=${timeZone} />
          </p>
        </li>`,
    )}
  </ul>`;
}

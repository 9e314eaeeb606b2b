import { DayChart, formatDay } from './charts.ts';
import { Card, EmptyState, Notice } from './components.ts';
import { FirstSteps, ShowFirstSteps, type FirstStepsProps } from './first-steps.ts';
import { html, type Children } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';
import { channelName, type NamedChannel } from './networks.ts';
import { OutsideLink } from './outside-link.ts';
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
  /** An owner or editor. */
  mayAct: boolean;
  done: string | undefined;
  mcpUrl: string;
  steps: Omit<FirstStepsProps, 'mcpUrl' | 'csrfToken' | 'mayAct'> & { isLongDone: boolean };
  /** Put away by this person. */
  areStepsAway: boolean;
  stops: readonly ShownStop[];
  needs: {
    approvals: readonly ListedPost[];
    unclear: readonly ListedPost[];
    stopped: readonly ListedPost[];
    channels: readonly ShownNeed[];
    /** There are posts that are not listed here. */
    hasMore: boolean;
  };
  upcoming: readonly ListedPost[];
  published: readonly {
    postId: string;
    publishedAt: Date;
    excerpt: string | null;
    places: readonly (NamedChannel & { url: string | null })[];
  }[];
  /** The last days, with how many posts went out on each. */
  days: readonly { day: string; posts: number }[];
  campaigns: readonly { id: string; name: string; total: number; nextPostAt: Date | null }[];
}

export function HomeView(props: HomeViewProps) {
  const { viewer, timeZone, upcoming, published, campaigns } = props;
  // Who is new begins with the first steps; who has begun, with what waits.
  const [First, Second] = props.steps.isAllowed ? [Needs, Guide] : [Guide, Needs];
  return html`<${Layout}
    title="Home"
    viewer=${viewer}
    section="home"
    scripts=${['copy', 'live']}
    styles=${['charts', 'first-steps', 'home']}
  >
    <h1>${viewer.team.name}</h1>
    ${props.done && html`<${Notice} tone="good">${props.done}<//>`}
    <div id="home-top" class="through" data-live>
      ${props.stops.length > 0 && html`<${Stopped} stops=${props.stops} />`}
      <${First} ...${props} />
      <${Second} ...${props} />
    </div>
    <div id="home-posts" class="columns" data-live>
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
    <div id="home-days" class="through" data-live><${LastDays} days=${props.days} /></div>
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
    ${props.areStepsAway && html`<${ShowFirstSteps} csrfToken=${viewer.csrfToken} teamId=${viewer.team.id} />`}
  <//>`;
}

function Guide({ viewer, mcpUrl, mayAct, steps, areStepsAway }: HomeViewProps) {
  const isLongDone = steps.isLongDone || (!mayAct && steps.hasCalled);
  if (areStepsAway || isLongDone) return null;
  const { csrfToken, team } = viewer;
  return html`<${FirstSteps} ...${steps} ...${{ csrfToken, mcpUrl, mayAct, teamId: team.id }} />`;
}

function Needs({ needs, mayAct, timeZone }: HomeViewProps) {
  const posts = [...needs.approvals, ...needs.unclear, ...needs.stopped];
  return html`<${Card} title=${mayAct ? 'Needs you' : 'Waits for an owner or editor'}>
    ${
      posts.length === 0 &&
      needs.channels.length === 0 &&
      html`<${EmptyState} title=${mayAct ? 'Nothing waits for you.' : 'Nothing waits.'}
        ><p>Posts that need approval or a second look turn up here.</p><//
      >`
    }
    <${PostGroup} title="To approve" posts=${needs.approvals} timeZone=${timeZone}>
      <p><a href="/approvals">All that waits for approval</a></p>
    <//>
    <${PostGroup} title="Nobody knows yet whether it went out" posts=${needs.unclear} timeZone=${timeZone} />
    <${PostGroup} title="Stopped" posts=${needs.stopped} timeZone=${timeZone} />
    ${
      needs.channels.length > 0 &&
      html`<div class="group">
        <h3>Channels to link again</h3>
        <${ChannelNeeds} needs=${needs.channels} timeZone=${timeZone} />
      </div>`
    }
    ${needs.hasMore && html`<p><a href="/posts?show=needs-you">See all of them</a></p>`}
  <//>`;
}

function PostGroup({ title, posts, timeZone, children }: PostGroupProps) {
  if (posts.length === 0) return null;
  return html`<div class="group">
    <h3>${title}</h3>
    <${PostList} posts=${posts} timeZone=${timeZone} />
    ${children}
  </div>`;
}

interface PostGroupProps {
  title: string;
  posts: readonly ListedPost[];
  timeZone: string;
  children?: Children;
}

function LastDays({ days }: Pick<HomeViewProps, 'days'>) {
  const total = days.reduce((sum, { posts }) => sum + posts, 0);
  const most = days.reduce((best, one) => (one.posts > best.posts ? one : best));
  const says = `${total} ${total === 1 ? 'post' : 'posts'} went out in the last ${days.length} days`;
  return html`<${Card} title=${`The last ${days.length} days`}>
    ${
      total === 0
        ? html`<${EmptyState} title="Nothing went out in this time."
            ><p>What goes out is counted here, day by day.</p><//
          >`
        : html`<div class="group">
            <p class="hint">${says}.</p>
            <${DayChart}
              kind="bars"
              unit="posts"
              label=${`${says}; the most on ${formatDay(most.day)}, ${most.posts}.`}
              points=${days.map(({ day, posts }) => ({ day, value: posts }))}
            />
            <p><a href="/analytics">What came of them</a></p>
          </div>`
    }
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
  return html`<ul class="list">
    ${needs.map(
      (need) =>
        html`<li key=${need.id}>
          <a class="main" href="/channels">Link ${channelName(need)} again</a>
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
      ({ postId, excerpt, places, publishedAt }) =>
        html`<li>
          <a class="main" href=${`/posts/${postId}`}>${excerpt?.trim() || 'A post without words'}</a>
          <p class="meta">
            ${places.map((place) => html`<${OutsideLink} url=${place.url}>${channelName(place)}<//>`)}
            <${Moment} at=${publishedAt} timeZone=${timeZone} />
          </p>
        </li>`,
    )}
  </ul>`;
}

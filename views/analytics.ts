import { Totals, type ShownGroup } from './analytics-totals.ts';
import { CampaignChannelFilter } from './campaign-channel-filter.ts';
import { BarTable, DayChart, formatCount, formatDay } from './charts.ts';
import { Card, EmptyState, LinkButton } from './components.ts';
import { html, type Children } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';
import { channelName, networkName, type NamedChannel } from './networks.ts';
import { OutsideLink } from './outside-link.ts';

export interface ShownMetrics {
  totals: ShownGroup;
  /** The same of as many days before. */
  before: ShownGroup;
  /** Of each day; null where nothing was published. */
  byDay: readonly (ShownGroup | null)[];
  byChannel: readonly (ShownGroup & { channel: NamedChannel & { id: string } })[];
  byNetwork: readonly (ShownGroup & { key: string })[];
  topPosts: readonly {
    postId: string;
    excerpt: string;
    networks: readonly string[];
    publishedAt: Date;
    engagement: number;
    views: number | null;
    url: string | null;
  }[];
  followers: readonly (NamedChannel & { id: string; counts: readonly (number | null)[] })[];
}

export interface AnalyticsViewProps {
  viewer: Viewer;
  timeZone: string;
  /** The ranges to choose from, in days. */
  ranges: readonly number[];
  /** The days that are shown: 2026-12-01, earliest first. */
  days: readonly string[];
  /** Empty: all. */
  campaignId: string;
  channelId: string;
  campaigns: readonly { id: string; name: string }[];
  channels: readonly (NamedChannel & { id: string })[];
  metrics: ShownMetrics;
}

export function AnalyticsView(props: AnalyticsViewProps) {
  const { viewer, days, timeZone, metrics } = props;
  const { capturedAt } = metrics.totals;
  return html`<${Layout}
    title="Analytics"
    viewer=${viewer}
    section="analytics"
    styles=${['charts', 'analytics']}
  >
    <h1>Analytics</h1>
    <p class="meta">
      <span>${formatDay(days[0]!)} to ${formatDay(days.at(-1)!)}, days of ${timeZone}.</span>
      ${capturedAt && html`<span>Every number is as of${' '}<${Moment} at=${capturedAt} timeZone=${timeZone} />${' '}or newer.</span>`}
    </p>
    <${Choices} ...${props} />
    ${
      metrics.totals.posts === 0 && metrics.followers.length === 0
        ? html`<${EmptyState} title="Nothing was published in these days."
            ><p>
              Numbers come by themselves: the first a few minutes after a post went out, followers once a day.
            </p><//
          >`
        : html`<${Figures} ...${props} />`
    }
  <//>`;
}

function Choices(props: AnalyticsViewProps) {
  const { ranges, days, campaignId, channelId, campaigns, channels } = props;
  return html`<div class="choices">
    <nav class="tabs" aria-label="Days">
      ${ranges.map(
        (range) =>
          html`<a
            key=${range}
            href=${hrefOf(props, '/analytics', range)}
            aria-current=${range === days.length ? 'page' : undefined}
            >${range} days</a
          >`,
      )}
    </nav>
    <${CampaignChannelFilter}
      ...${{ campaignId, channelId, campaigns, channels }}
      action="/analytics"
      kept=${{ days: days.length }}
      allHref=${`/analytics?days=${days.length}`}
    />
  </div>`;
}

function Figures(props: AnalyticsViewProps) {
  const { days, metrics } = props;
  const { totals, byDay } = metrics;
  const series = (read: (group: ShownGroup) => number | null) =>
    days.map((day, index) => ({ day, value: byDay[index] ? read(byDay[index]) : null }));
  const engagement = series((group) => group.engagement);
  const views = series((group) => group.views.value);
  return html`<div class="report">
    <${Totals} totals=${totals} before=${metrics.before} dayCount=${days.length} />
    <div class="columns">
      <${Card} title="Posts a day">
        <${DayChart}
          kind="bars"
          unit="posts"
          label=${`Posts a day: ${totals.posts} in all.`}
          points=${days.map((day, index) => ({ day, value: byDay[index]?.posts ?? 0 }))}
        />
      <//>
      <${DayCard}
        title="Engagement by day"
        unit="reactions"
        hint="Likes, comments and shares up to now of what went out that day."
        points=${engagement}
      />
      <${DayCard}
        title="Views by day"
        unit="views"
        hint="Up to now, of what went out that day."
        points=${views}
      />
      ${metrics.byNetwork.length > 1 && html`<${Networks} groups=${metrics.byNetwork} />`}
    </div>
    ${metrics.byChannel.length > 0 && html`<${Channels} groups=${metrics.byChannel} />`}
    <${TopPosts} ...${props} />
    <${Followers} followers=${metrics.followers} days=${days} />
    <p class="actions">
      <${LinkButton} href=${hrefOf(props, '/analytics.csv', days.length)}>Download as CSV<//>
    </p>
  </div>`;
}

interface DayCardProps {
  title: string;
  unit: string;
  hint: string;
  points: readonly { day: string; value: number | null }[];
}

function DayCard({ title, unit, hint, points }: DayCardProps) {
  const known = points.filter(({ value }) => value !== null);
  const most = known.reduce((best, one) => (one.value! > best.value! ? one : best), known[0]!);
  return html`<${Card} title=${title}>
    <p class="hint">${hint}</p>
    ${
      known.length === 0
        ? html`<${EmptyState} title="Not available." />`
        : html`<${DayChart}
            kind="line"
            unit=${unit}
            absent="nothing published, or not told"
            label=${`${title}: the most ${formatCount(most.value!)}, for ${formatDay(most.day)}.`}
            points=${points}
          />`
    }
  <//>`;
}

const COLUMNS = ['Posts', 'Engagement', 'Views'];

function Networks({ groups }: { groups: ShownMetrics['byNetwork'] }) {
  return html`<${Card} title="By network">
    <${BarTable}
      caption="Posts, engagement and views by network"
      columns=${['Network', ...COLUMNS]}
      rows=${groups.map((group) => ({ key: group.key, name: networkName(group.key), value: group.engagement, cells: toCells(group) }))}
    />
  <//>`;
}

function Channels({ groups }: { groups: ShownMetrics['byChannel'] }) {
  return html`<${Card} title="By channel">
    <${BarTable}
      caption="Posts, engagement and views by channel"
      columns=${['Channel', ...COLUMNS]}
      rows=${groups.map((group) => ({ key: group.channel.id, name: channelName(group.channel), value: group.engagement, cells: toCells(group) }))}
    />
  <//>`;
}

function toCells(group: ShownGroup): Children[] {
  return [formatCount(group.posts), orAbsent(group.engagement), orAbsent(group.views.value)];
}

function orAbsent(value: number | null): Children {
  return value === null ? html`<span class="hint">not available</span>` : formatCount(value);
}

function TopPosts({ metrics: { topPosts }, timeZone }: AnalyticsViewProps) {
  return html`<${Card} title="Top posts">
    ${
      topPosts.length === 0
        ? html`<${EmptyState} title="No engagement is known yet." />`
        : html`<${BarTable}
            caption="The posts with the most engagement"
            columns=${['Post', 'Engagement', 'Views']}
            rows=${topPosts.map((post) => ({
              key: post.postId,
              name: html`<div class="top-post">
                <a class="main" href=${`/posts/${post.postId}`}>${post.excerpt || 'No text'}</a>
                <p class="meta">
                  <${Moment} at=${post.publishedAt} timeZone=${timeZone} />
                  <${OutsideLink} url=${post.url}>${post.networks.map(networkName).join(', ')}<//>
                </p>
              </div>`,
              value: post.engagement,
              cells: [formatCount(post.engagement), orAbsent(post.views)],
            }))}
          />`
    }
  <//>`;
}

function Followers({ followers, days }: { followers: ShownMetrics['followers']; days: readonly string[] }) {
  if (followers.length === 0) return null;
  return html`<${Card} title="Followers">
    <div class="columns">
      ${followers.map((channel) => {
        const points = days.map((day, index) => ({ day, value: channel.counts[index] ?? null }));
        const known = channel.counts.filter((count) => count !== null);
        const says = `${formatCount(known[0]!)} to ${formatCount(known.at(-1)!)} followers`;
        return html`<div key=${channel.id} class="followers">
          <h3>${channelName(channel)}</h3>
          <p class="hint">${known.length === 1 ? `${formatCount(known[0]!)} followers` : `From ${says}`}.</p>
          <${DayChart}
            kind="line"
            unit="followers"
            absent="not counted"
            label=${`Followers of ${channelName(channel)}: ${says}.`}
            points=${points}
          />
        </div>`;
      })}
    </div>
  <//>`;
}

function hrefOf({ campaignId, channelId }: AnalyticsViewProps, path: string, days: number): string {
  const query = new URLSearchParams({ days: String(days) });
  if (campaignId) query.set('campaign', campaignId);
  if (channelId) query.set('channel', channelId);
  return `${path}?${query.toString()}`;
}

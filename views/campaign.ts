import { StatusBadge } from './campaigns.ts';
import { Card, EmptyState, Pager } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { channelName } from './networks.ts';
import { Author } from './post.ts';
import { PostList, type ListedPost } from './post-list.ts';

export interface CampaignViewProps {
  viewer: Viewer;
  timeZone: string;
  campaign: {
    id: string;
    name: string;
    goal: string;
    audience: string | null;
    keyMessages: readonly string[];
    startsOn: Date | null;
    endsOn: Date | null;
    status: string;
    createdBy: { personName: string; clientName: string | null };
    channels: readonly { network: string; handle: string }[];
  };
  posts: readonly ListedPost[];
  nextHref: string | undefined;
  firstHref: string | undefined;
}

const day = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});

export function CampaignView({ viewer, timeZone, campaign, posts, nextHref, firstHref }: CampaignViewProps) {
  const back = { href: '/campaigns', label: 'Campaigns' };
  return html`<${Layout} title="Campaign" viewer=${viewer} section="campaigns" back=${back}>
    <div class="line">
      <h1>${campaign.name}</h1>
      <${StatusBadge} status=${campaign.status} />
    </div>
    <p class="meta">
      <span>by <${Author} ...${campaign.createdBy} /></span>
    </p>
    <${Card} title="Brief">
      <dl class="facts">
        <${Fact} name="Goal">${campaign.goal}<//>
        ${campaign.audience && html`<${Fact} name="Audience">${campaign.audience}<//>`}
        ${
          (campaign.startsOn || campaign.endsOn) &&
          html`<${Fact} name="Dates"
            >${[campaign.startsOn, campaign.endsOn].map((date) => (date ? day.format(date) : '…')).join(' – ')}<//
          >`
        }
        ${campaign.channels.length > 0 && html`<${Fact} name="Channels">${campaign.channels.map(channelName).join(', ')}<//>`}
        ${
          campaign.keyMessages.length > 0 &&
          html`<${Fact} name="Key messages">
            <ul>
              ${campaign.keyMessages.map((message) => html`<li>${message}</li>`)}
            </ul>
          <//>`
        }
      </dl>
    <//>
    <${Card} title="Posts">
      ${
        posts.length === 0
          ? html`<${EmptyState} title="No posts in this campaign yet." />`
          : html`<${PostList} posts=${posts} timeZone=${timeZone} />`
      }
      <${Pager} nextHref=${nextHref} firstHref=${firstHref} />
    <//>
  <//>`;
}

function Fact({ name, children }: { name: string; children?: unknown }) {
  return html`<div>
    <dt>${name}</dt>
    <dd>${children}</dd>
  </div>`;
}

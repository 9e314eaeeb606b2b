import { StatusBadge } from './campaigns.ts';
import { Button, Card, EmptyState, Form, Notice, Pager } from './components.ts';
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
  problems: readonly { code: string; message: string; postId: string | null; channelId: string | null }[];
  /** An owner or editor. */
  mayAct: boolean;
  done: string | undefined;
  nextHref: string | undefined;
  firstHref: string | undefined;
}

const day = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});

export function CampaignView(props: CampaignViewProps) {
  const { viewer, timeZone, campaign, posts, problems, mayAct, done, nextHref, firstHref } = props;
  const back = { href: '/campaigns', label: 'Campaigns' };
  return html`<${Layout} title="Campaign" viewer=${viewer} section="campaigns" back=${back}>
    <div class="line">
      <h1>${campaign.name}</h1>
      <${StatusBadge} status=${campaign.status} />
    </div>
    <p class="meta">
      <span>by <${Author} ...${campaign.createdBy} /></span>
    </p>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    ${problems.length > 0 && html`<${Problems} problems=${problems} />`}
    ${mayAct && html`<${StatusForm} campaign=${campaign} csrfToken=${viewer.csrfToken} />`}
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

function Problems({ problems }: Pick<CampaignViewProps, 'problems'>) {
  return html`<${Notice} tone="warning" title="What needs you">
    <ul>
      ${problems.map(({ code, message, postId, channelId }) => {
        const href = postId ? `/posts/${postId}` : channelId ? '/channels' : undefined;
        return html`<li key=${`${code}-${postId}-${channelId}`}>
          ${message} ${href && html`<a href=${href}>${postId ? 'Open the post' : 'Open the channels'}</a>`}
        </li>`;
      })}
    </ul>
  <//>`;
}

const CHANGES = [
  { status: 'active', label: 'Make it active again', look: 'primary' },
  { status: 'paused', label: 'Pause', look: 'plain' },
  { status: 'archived', label: 'Archive', look: 'plain' },
] as const;

/** Pausing and archiving hold what waits; making it active again returns it. */
function StatusForm({ campaign, csrfToken }: { campaign: CampaignViewProps['campaign']; csrfToken: string }) {
  return html`<${Form} action=${`/campaigns/${campaign.id}/status`} csrfToken=${csrfToken} label="Status">
    <div class="actions">
      ${CHANGES.filter(({ status }) => status !== campaign.status).map(
        ({ status, label, look }) =>
          html`<${Button} key=${status} look=${look} name="status" value=${status}>${label}<//>`,
      )}
    </div>
  <//>`;
}

function Fact({ name, children }: { name: string; children?: unknown }) {
  return html`<div>
    <dt>${name}</dt>
    <dd>${children}</dd>
  </div>`;
}

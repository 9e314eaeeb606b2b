import { EmptyState, Pager } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';
import { StateBadge } from './state-badge.ts';

export interface CampaignsViewProps {
  viewer: Viewer;
  timeZone: string;
  campaigns: readonly {
    id: string;
    name: string;
    status: string;
    postCounts: Partial<Record<string, number>>;
    nextPostAt: Date | null;
  }[];
  nextHref: string | undefined;
  firstHref: string | undefined;
}

export function CampaignsView({ viewer, timeZone, campaigns, nextHref, firstHref }: CampaignsViewProps) {
  return html`<${Layout}
    title="Campaigns"
    viewer=${viewer}
    section="campaigns"
    back=${{ href: '/', label: 'Home' }}
  >
    <h1>Campaigns</h1>
    ${
      campaigns.length === 0
        ? html`<${EmptyState} title="No campaigns yet."
            ><p>Ask your editor: “Plan a campaign for our launch.”</p><//
          >`
        : html`<ul class="list">
            ${campaigns.map(
              (campaign) =>
                html`<li key=${campaign.id}>
                  <div class="line">
                    <a class="main" href=${`/campaigns/${campaign.id}`}>${campaign.name}</a>
                    <${StatusBadge} status=${campaign.status} />
                  </div>
                  <p class="meta">
                    ${Object.keys(campaign.postCounts).length === 0 && html`<span>No posts yet</span>`}
                    ${Object.entries(campaign.postCounts).map(
                      ([state, count]) => html`<span>${count} <${StateBadge} state=${state} /></span>`,
                    )}
                    ${campaign.nextPostAt && html`<span>next <${Moment} at=${campaign.nextPostAt} timeZone=${timeZone} /></span>`}
                  </p>
                </li>`,
            )}
          </ul>`
    }
    <${Pager} nextHref=${nextHref} firstHref=${firstHref} />
  <//>`;
}

const STATUSES: Readonly<Record<string, { label: string; tone: string }>> = {
  paused: { label: 'Paused', tone: 'warning' },
  archived: { label: 'Archived', tone: 'quiet' },
};

/** Nothing for an active campaign: that is the normal one. */
export function StatusBadge({ status }: { status: string }) {
  const shown = STATUSES[status];
  return shown ? html`<span class="badge" data-tone=${shown.tone}>${shown.label}</span>` : null;
}

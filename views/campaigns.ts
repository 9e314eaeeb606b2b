import { EmptyState, LinkButton, Pager } from './components.ts';
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
  /** Only those of this status; without it all but archived ones. */
  show: string | undefined;
  /** An owner or editor. */
  mayAct: boolean;
  nextHref: string | undefined;
  firstHref: string | undefined;
}

const SHOWS = [
  { href: '/campaigns', label: 'Current', show: undefined },
  { href: '/campaigns?show=paused', label: 'Paused', show: 'paused' },
  { href: '/campaigns?show=archived', label: 'Archived', show: 'archived' },
];

export function CampaignsView(props: CampaignsViewProps) {
  const { viewer, timeZone, campaigns, show, mayAct, nextHref, firstHref } = props;
  return html`<${Layout}
    title="Campaigns"
    viewer=${viewer}
    section="campaigns"
    back=${{ href: '/', label: 'Home' }}
    scripts=${['live']}
  >
    <h1>Campaigns</h1>
    ${mayAct && html`<p><${LinkButton} href="/campaigns/new" look="primary">New campaign<//></p>`}
    <nav class="tabs" aria-label="Which campaigns">
      ${SHOWS.map(
        (one) =>
          html`<a key=${one.label} href=${one.href} aria-current=${one.show === show ? 'page' : undefined}
            >${one.label}</a
          >`,
      )}
    </nav>
    ${
      campaigns.length === 0
        ? html`<${EmptyState} title=${show ? 'None here.' : 'No campaigns yet.'}>
            ${!show && html`<p>Ask your editor: “Plan a campaign for our launch.”${mayAct ? ' Or create one here.' : ''}</p>`}
          <//>`
        : html`<ul class="list" id="campaigns" data-live>
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

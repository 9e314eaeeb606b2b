import { Board, type BoardColumn } from './board.ts';
import { CampaignNumbers, type CampaignTotals } from './campaign-numbers.ts';
import { StatusBadge } from './campaigns.ts';
import { Button, Card, Form, LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { channelName, type NamedChannel } from './networks.ts';
import { Author } from './post.ts';

export interface ShownCampaign {
  id: string;
  name: string;
  goal: string;
  audience: string | null;
  keyMessages: readonly string[];
  startsOn: Date | null;
  endsOn: Date | null;
  status: string;
  createdBy: { personName: string; clientName: string | null };
  channels: readonly NamedChannel[];
}

export interface CampaignViewProps {
  viewer: Viewer;
  timeZone: string;
  campaign: ShownCampaign;
  columns: readonly BoardColumn[];
  /** One column is shown alone, from some place on. */
  isAlone: boolean;
  totals: CampaignTotals;
  /** Of the campaign as a whole: those of a post stand on its card. */
  problems: readonly ShownCampaignProblem[];
  /** An owner or editor. */
  mayAct: boolean;
  done: string | undefined;
}

export interface ShownCampaignProblem {
  code: string;
  message: string;
  channelId: string | null;
}

const day = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});

/** A campaign as a board: what it is to achieve, what it has done so far, and its posts by how they stand. */
export function CampaignView(props: CampaignViewProps) {
  const { viewer, timeZone, campaign, columns, isAlone, totals, problems, mayAct, done } = props;
  const { id, name, status } = campaign;
  const back = isAlone
    ? { href: `/campaigns/${id}`, label: name }
    : { href: '/campaigns', label: 'Campaigns' };
  return html`<${Layout}
    title=${name}
    viewer=${viewer}
    section="campaigns"
    back=${back}
    width="full"
    styles=${['board']}
    scripts=${['live']}
  >
    <div class="line">
      <h1>${name}</h1>
      <${StatusBadge} status=${status} />
    </div>
    <p class="meta">
      <span>by <${Author} ...${campaign.createdBy} /></span>
      ${(campaign.startsOn || campaign.endsOn) && html`<span>${datesOf(campaign)}</span>`}
    </p>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    ${mayAct && !isAlone && html`<${Actions} campaign=${campaign} csrfToken=${viewer.csrfToken} />`}
    ${!isAlone && html`<div id="campaign-problems" data-live><${Problems} problems=${problems} mayAct=${mayAct} id=${id} /></div>`}
    ${
      !isAlone &&
      html`<div class="columns">
        <${Brief} campaign=${campaign} />
        <${CampaignNumbers} totals=${totals} timeZone=${timeZone} />
      </div>`
    }
    <${Board}
      campaignId=${id}
      columns=${columns}
      timeZone=${timeZone}
      firstHref=${isAlone ? `/campaigns/${id}` : undefined}
    />
  <//>`;
}

function datesOf({ startsOn, endsOn }: ShownCampaign): string {
  return [startsOn, endsOn].map((date) => (date ? day.format(date) : '…')).join(' – ');
}

function Brief({ campaign }: { campaign: ShownCampaign }) {
  const { goal, audience, keyMessages, channels } = campaign;
  return html`<${Card} title="Brief">
    <dl class="facts">
      <${Fact} name="Goal">${goal}<//>
      ${audience && html`<${Fact} name="Audience">${audience}<//>`}
      ${
        keyMessages.length > 0 &&
        html`<${Fact} name="Key messages">
          <ul>
            ${keyMessages.map((message) => html`<li>${message}</li>`)}
          </ul>
        <//>`
      }
      ${channels.length > 0 && html`<${Fact} name="Channels">${channels.map(channelName).join(', ')}<//>`}
    </dl>
  <//>`;
}

function Problems({ problems, mayAct, id }: Pick<CampaignViewProps, 'problems' | 'mayAct'> & { id: string }) {
  if (problems.length === 0) return null;
  return html`<${Notice} tone="warning" title="What needs you">
    <ul>
      ${problems.map(({ code, message, channelId }) => {
        const isOfBrief = code === 'brief_incomplete' || code === 'no_channels' || code === 'end_passed';
        const href = channelId ? '/channels' : isOfBrief && mayAct && `/campaigns/${id}/edit`;
        const label = channelId ? 'Open the channels' : 'Edit the brief';
        return html`<li key=${`${code}-${channelId}`}>
          ${message}${' '} ${href && html`<a href=${href}>${label}</a>`}
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
function Actions({ campaign: { id, status }, csrfToken }: { campaign: ShownCampaign; csrfToken: string }) {
  const look = status === 'active' ? 'primary' : 'plain';
  return html`<div class="actions">
    ${status !== 'archived' && html`<${LinkButton} href=${`/posts/new?campaign=${id}`} look=${look}>New post<//>`}
    <${LinkButton} href=${`/campaigns/${id}/edit`}>Edit the brief<//>
    <${Form} action=${`/campaigns/${id}/status`} csrfToken=${csrfToken} label="Status">
      <div class="actions">
        ${CHANGES.filter((change) => change.status !== status).map(
          (change) =>
            html`<${Button} key=${change.status} look=${change.look} name="status" value=${change.status}>
              ${change.label}
            <//>`,
        )}
      </div>
    <//>
  </div>`;
}

function Fact({ name, children }: { name: string; children?: unknown }) {
  return html`<div>
    <dt>${name}</dt>
    <dd>${children}</dd>
  </div>`;
}

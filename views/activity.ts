import { EmptyState, Pager } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';

export interface ShownActivity {
  id: string;
  at: Date;
  actor: 'connection' | 'person' | 'system';
  personName: string | null;
  clientName: string | null;
  action: string;
  target: string | null;
  result: string;
}

export interface ActivityViewProps {
  viewer: Viewer;
  timeZone: string;
  activities: readonly ShownActivity[];
  nextHref: string | undefined;
  firstHref: string | undefined;
}

const ACTIONS: Readonly<Record<string, string>> = {
  'post.approved': 'approved a post',
  'post.rejected': 'rejected a post',
  'post.cancelled': 'took a post off the schedule',
  'connection.created': 'connected a client',
  'connection.revoked': 'revoked a connection',
  'connection.handed_over': 'took over what a connection had scheduled',
  'connection.refresh_replayed': 'ended the tokens of a connection: one was used twice',
  'connection.code_replayed': 'ended the tokens of a connection: its code was used twice',
  'token.used_past_expiry': 'went on with a token that should have been refreshed',
  'delivery.published': 'published a post',
  'delivery.unknown': 'sent a post and has no answer yet',
  'delivery.needs_attention': 'needs somebody to look at a post',
  'delivery.held': 'held a post',
  'delivery.failed': 'could not publish a post',
  'delivery.missed': 'was too late for a post',
  'channel.linked': 'linked a channel',
  'channel.disconnected': 'disconnected a channel',
  'person.signed_in': 'signed in',
  'person.sign_in_failed': 'could not sign in',
  'person.signed_out': 'signed out',
  'person.password_changed': 'changed their password',
  'company_account.linked': 'linked their company account',
  'company_account.unlinked': 'unlinked their company account',
  'member.invited': 'invited somebody',
  'member.joined': 'joined the team',
  'member.role_changed': 'changed the role of somebody',
  'member.removed': 'removed somebody from the team',
  'invitation.taken_back': 'took back an invitation',
  list_channels: 'looked at the channels',
  create_campaign: 'created a campaign',
  list_campaigns: 'looked at the campaigns',
  create_post: 'drafted a post',
  get_post: 'looked at a post',
  list_posts: 'looked at the posts',
  preview_post: 'previewed a post',
  schedule_post: 'scheduled a post',
  publish_post: 'asked to publish a post now',
};

export function ActivityView({ viewer, timeZone, activities, nextHref, firstHref }: ActivityViewProps) {
  return html`<${Layout}
    title="Activity"
    viewer=${viewer}
    section="activity"
    back=${{ href: '/', label: 'Home' }}
  >
    <h1>Activity</h1>
    ${
      activities.length === 0
        ? html`<${EmptyState} title="Nothing happened yet." />`
        : html`<ul class="list">
            ${activities.map((activity) => html`<${ActivityLine} key=${activity.id} activity=${activity} timeZone=${timeZone} />`)}
          </ul>`
    }
    <${Pager} nextHref=${nextHref} firstHref=${firstHref} />
  <//>`;
}

function ActivityLine({ activity, timeZone }: { activity: ShownActivity; timeZone: string }) {
  const href = hrefOf(activity.target);
  const words = ACTIONS[activity.action] ?? activity.action.replaceAll(/[._]/g, ' ');
  const reason = activity.result.replaceAll('_', ' ');
  return html`<li>
    <div class="line">
      <span><strong>${actorOf(activity)}</strong> ${href ? html`<a href=${href}>${words}</a>` : words}</span>
      ${activity.result !== 'ok' && html`<span class="badge" data-tone="warning">${activity.actor === 'connection' ? `Not done: ${reason}` : reason}</span>`}
    </div>
    <p class="meta"><${Moment} at=${activity.at} timeZone=${timeZone} /></p>
  </li>`;
}

function actorOf({ actor, personName, clientName }: ShownActivity): string {
  if (actor === 'system') return 'Grantcast';
  const person = personName ?? 'Somebody who left';
  return actor === 'connection' && clientName ? `${clientName} for ${person}` : person;
}

function hrefOf(target: string | null): string | undefined {
  if (target?.startsWith('pst_')) return `/posts/${target}`;
  if (target?.startsWith('cmp_')) return `/campaigns/${target}`;
  if (target?.startsWith('con_')) return '/connections';
  if (target?.startsWith('chn_')) return '/channels';
  return undefined;
}

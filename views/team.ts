import { Button, Card, Field, Form, Notice, Select } from './components.ts';
import { html, type Children } from './html.ts';
import { Icon, type IconName } from './icon.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';
import { channelName } from './networks.ts';

export interface TeamViewProps {
  viewer: Viewer;
  done: string | undefined;
  isOwner: boolean;
  timeZone: string;
  timeZones: readonly string[];
  languages: readonly { code: string; name: string }[];
  facts: {
    /** The database's clock. */
    now: Date;
    /** Code of one of the languages; null: nobody said. */
    language: string | null;
    members: number;
    invitations: number;
    rules: number;
    webhooks: number;
    stops: number;
    discarded: number;
    channels: readonly {
      id: string;
      network: string;
      handle: string;
      imitates: string | null;
      slots: number;
    }[];
  };
  /** What was sent, when it was not taken. */
  values?: { name: string; timeZone: string; language: string } | undefined;
  problem?: { field: string | undefined; message: string } | undefined;
}

/** What the team is called, whose clocks it goes by, and the way to everything else that is set for all of it. */
export function TeamView(props: TeamViewProps) {
  const { viewer, done, isOwner } = props;
  return html`<${Layout}
    title="Team"
    viewer=${viewer}
    section="team"
    back=${{ href: '/', label: 'Home' }}
    styles=${['team']}
  >
    <h1>Team</h1>
    ${done && html`<${Notice} tone="good" isNews>${done}<//>`}
    ${isOwner ? html`<${SettingsForm} ...${props} />` : html`<${Settings} ...${props} />`}
    <${Ways} ...${props} /> <${Slots} ...${props} />
  <//>`;
}

function SettingsForm(props: TeamViewProps) {
  const { viewer, timeZone, timeZones, languages, facts, values, problem } = props;
  const errorOf = (field: string) => (problem?.field === field ? problem.message : undefined);
  const hint = html`<span>
    Now${' '}<${Moment} at=${facts.now} timeZone=${timeZone} />. Posts on the calendar keep the moment at
    which they go out; you see what changes before it is saved.
  </span>`;
  return html`<${Card} title="Name, time zone and language">
    ${problem && !problem.field && html`<${Notice} tone="problem">${problem.message}<//>`}
    <${Form} action="/team/settings" csrfToken=${viewer.csrfToken} label="Name, time zone and language">
      <input type="hidden" name="team" value=${viewer.team.id} />
      <${Field}
        label="Team name"
        name="teamName"
        value=${values?.name ?? viewer.team.name}
        error=${errorOf('teamName')}
        hint="People read it on invitations, on the consent page and on cards of words."
        maxlength=${80}
        autocomplete="off"
        required
      />
      <${Select}
        label="Time zone"
        name="timeZone"
        value=${values?.timeZone ?? timeZone}
        options=${timeZones.map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }))}
        error=${errorOf('timeZone')}
        hint=${hint}
      />
      <${Select}
        label="Language of the posts"
        name="language"
        value=${values?.language ?? facts.language ?? ''}
        options=${[{ value: '', label: 'Not said' }, ...languages.map(({ code, name }) => ({ value: code, label: name }))]}
        error=${errorOf('language')}
        hint="Bluesky and Mastodon are told, so that readers can have it read out or translated. Captions are written in it."
      />
      <${Button}>Save<//>
    <//>
  <//>`;
}

function Settings({ viewer, timeZone, languages, facts }: TeamViewProps) {
  return html`<${Card} title="Name, time zone and language">
    <dl class="facts">
      <div>
        <dt>Team name</dt>
        <dd>${viewer.team.name}</dd>
      </div>
      <div>
        <dt>Time zone</dt>
        <dd>${timeZone.replaceAll('_', ' ')}, now${' '}<${Moment} at=${facts.now} timeZone=${timeZone} /></dd>
      </div>
      <div>
        <dt>Language of the posts</dt>
        <dd>${languages.find(({ code }) => code === facts.language)?.name ?? 'Not said'}</dd>
      </div>
    </dl>
    <p class="hint">Owners of the team change them.</p>
  <//>`;
}

function Ways({ facts }: TeamViewProps) {
  const { members, invitations, rules, webhooks, stops, discarded } = facts;
  const people = `${count(members, 'member', 'members')}${invitations > 0 ? `, ${count(invitations, 'invitation waits', 'invitations wait')}` : ''}`;
  return html`<ul class="ways" role="list">
    <${Way} href="/people" icon="users" name="People" state=${people}>
      Who is in the team, with which role, and links to invite more.
    <//>
    <${Way} href="/policy" icon="shield-check" name="Rules" state=${count(rules, 'rule', 'rules')}>
      What clients may do by themselves, and what a person decides.
    <//>
    <${Way} href="/approvals" icon="circle-check" name="Approvals">What waits for somebody’s yes.<//>
    <${Way} href="/webhooks" icon="webhook" name="Webhooks" state=${count(webhooks, 'webhook', 'webhooks')}>
      Tell other programs what needs you.
    <//>
    <${Way}
      href="/stops"
      icon="octagon-pause"
      name="Stop publishing"
      state=${stops === 0 ? 'nothing is stopped' : `${stops} stopped now`}
    >
      On a channel, a network or everywhere when something is wrong.
    <//>
    <${Way} href="/trash" icon="trash-2" name="Trash" state=${count(discarded, 'post', 'posts')}>
      Posts that were thrown away, for 30 days.
    <//>
    <${Way} href="/activity/days" icon="history" name="Signed days">
      The record of who did what, day by day, to keep or to check.
    <//>
  </ul>`;
}

function Way(props: { href: string; icon: IconName; name: string; state?: string; children?: Children }) {
  const { href, icon, name, state, children } = props;
  return html`<li>
    <${Icon} name=${icon} />
    <div>
      <p><a class="main" href=${href}>${name}</a></p>
      <p class="hint">${children}</p>
      ${state && html`<p class="hint state">${state}</p>`}
    </div>
  </li>`;
}

function Slots({ facts: { channels }, timeZone }: TeamViewProps) {
  if (channels.length === 0) return null;
  return html`<${Card} title="Queue slots">
    <p class="hint">
      When a post goes out that was given no time of its own, by the clocks
      of${' '}${timeZone.replaceAll('_', ' ')}.
    </p>
    <ul class="list">
      ${channels.map(
        (channel) =>
          html`<li key=${channel.id}>
            <div class="line">
              <a class="main" href=${`/channels/${channel.id}/slots`}>${channelName(channel)}</a>
              <span class="hint"
                >${channel.slots === 0 ? 'no slots yet' : count(channel.slots, 'slot a week', 'slots a week')}</span
              >
            </div>
          </li>`,
      )}
    </ul>
  <//>`;
}

function count(number: number, one: string, more: string): string {
  return `${number} ${number === 1 ? one : more}`;
}

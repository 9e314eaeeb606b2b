import { Button, Form, LinkButton, Notice, Select } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { channelName, networkName } from './networks.ts';
import { NetworkRuleList, type ShownRule } from './network-rule-list.ts';

export interface ShownChannel {
  id: string;
  network: string;
  /** The network whose rules a practice channel keeps. */
  imitates: string | null;
  handle: string;
  status: 'ok' | 'needs_reconnect';
  /** What the network offers against posting twice. */
  guarantee: 'exact' | 'idempotent' | 'read_back' | 'none';
  rules: readonly ShownRule[];
}

export interface ChannelsViewProps {
  viewer: Viewer;
  done: string | undefined;
  channels: readonly ShownChannel[];
  /** Networks that there is no practice channel for yet. */
  practicable: readonly string[];
  mayAct: boolean;
}

const GUARANTEES: Readonly<Record<ShownChannel['guarantee'], string>> = {
  exact: 'Never twice: the network itself keeps a post from going out again.',
  idempotent: 'Never twice: a repeated send is recognised by the network.',
  read_back: 'If a send ends unclearly, the account is read before anything is sent again.',
  none: 'If a send ends unclearly, it is shown to you and never repeated blindly.',
};

export function ChannelsView({ viewer, done, channels, practicable, mayAct }: ChannelsViewProps) {
  return html`<${Layout}
    title="Channels"
    viewer=${viewer}
    section="channels"
    back=${{ href: '/', label: 'Home' }}
  >
    <h1>Channels</h1>
    <p>Accounts that ${viewer.team.name} publishes to.</p>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    ${channels.map((channel) => html`<${ChannelCard} key=${channel.id} channel=${channel} mayAct=${mayAct} />`)}
    ${mayAct && html`<p><${LinkButton} href="/channels/link/bluesky" look="primary">Link a Bluesky account<//></p>`}
    ${mayAct && practicable.length > 0 && html`<${PracticeForm} viewer=${viewer} practicable=${practicable} />`}
  <//>`;
}

function PracticeForm({ viewer, practicable }: Pick<ChannelsViewProps, 'viewer' | 'practicable'>) {
  return html`<section class="card" id="practice">
    <h2>Add a practice channel</h2>
    <p>
      Try out captions and pictures for a network before an account is linked: texts are counted and pictures
      cut as there, and posts go to the Playground inside this server.
    </p>
    <${Form} action="/channels/practice" csrfToken=${viewer.csrfToken} label="Add a practice channel">
      <input type="hidden" name="team" value=${viewer.team.id} />
      <${Select}
        label="Network"
        name="imitates"
        options=${practicable.map((id) => ({ value: id, label: networkName(id) }))}
      />
      <${Button} look="plain">Add the practice channel<//>
    <//>
  </section>`;
}

function ChannelCard({ channel, mayAct }: { channel: ShownChannel; mayAct: boolean }) {
  const name = channelName(channel);
  const isPlayground = channel.network === 'playground';
  return html`<section class="card">
    <div class="line">
      <h2>${name}</h2>
      ${
        channel.status === 'ok'
          ? html`<span class="badge" data-tone="good">Ready</span>`
          : html`<span class="badge" data-tone="problem">Link it again</span>`
      }
    </div>
    ${isPlayground && html`<${PlaygroundWords} imitates=${channel.imitates} />`}
    ${
      channel.status !== 'ok' &&
      html`<${Notice} tone="warning"
        >The network no longer accepts the stored sign-in. Posts wait until it is linked again.<//
      >`
    }
    ${!channel.imitates && html`<p class="hint">${GUARANTEES[channel.guarantee]}</p>`}
    <${NetworkRuleList} name=${name} rules=${channel.rules} />
    <p>
      <a href=${`/channels/${channel.id}/slots`}>Queue slots<span class="hidden"> of ${name}</span></a>
    </p>
    ${
      mayAct &&
      (!isPlayground || channel.imitates) &&
      html`<div class="actions">
        ${channel.status !== 'ok' && html`<${LinkButton} href="/channels/link/bluesky" look="primary">Link it again<//>`}
        <${LinkButton} href=${`/channels/${channel.id}/disconnect`} look="danger"
          >Disconnect<span class="hidden"> ${name}</span><//
        >
      </div>`
    }
  </section>`;
}

function PlaygroundWords({ imitates }: { imitates: string | null }) {
  return html`<p>
    ${
      imitates
        ? `Keeps the rules of ${networkName(imitates)} and publishes to the Playground, where nobody else sees it.`
        : 'A network inside this server, to try things out: nobody else sees it.'
    }${' '}<a href="/playground">Open the timeline</a>
  </p>`;
}

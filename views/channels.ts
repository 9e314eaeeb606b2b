import { LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { channelName } from './networks.ts';

export interface ShownChannel {
  id: string;
  network: string;
  handle: string;
  status: 'ok' | 'needs_reconnect';
  /** What the network offers against posting twice. */
  guarantee: 'exact' | 'idempotent' | 'read_back' | 'none';
}

export interface ChannelsViewProps {
  viewer: Viewer;
  done: string | undefined;
  channels: readonly ShownChannel[];
  mayAct: boolean;
}

const GUARANTEES: Readonly<Record<ShownChannel['guarantee'], string>> = {
  exact: 'Never twice: the network itself keeps a post from going out again.',
  idempotent: 'Never twice: a repeated send is recognised by the network.',
  read_back: 'If a send ends unclearly, the account is read before anything is sent again.',
  none: 'If a send ends unclearly, it is shown to you and never repeated blindly.',
};

export function ChannelsView({ viewer, done, channels, mayAct }: ChannelsViewProps) {
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
  <//>`;
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
    ${isPlayground && html`<p>A network inside this server, to try things out: nobody else sees it. <a href="/playground">Open the timeline</a></p>`}
    ${
      channel.status !== 'ok' &&
      html`<${Notice} tone="warning"
        >The network no longer accepts the stored sign-in. Posts wait until it is linked again.<//
      >`
    }
    <p class="hint">${GUARANTEES[channel.guarantee]}</p>
    ${
      mayAct &&
      !isPlayground &&
      html`<div class="actions">
        ${channel.status !== 'ok' && html`<${LinkButton} href="/channels/link/bluesky" look="primary">Link it again<//>`}
        <${LinkButton} href=${`/channels/${channel.id}/disconnect`} look="danger"
          >Disconnect<span class="hidden"> ${name}</span><//
        >
      </div>`
    }
  </section>`;
}

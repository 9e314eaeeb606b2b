import { LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Moment } from './moment.ts';
import { NetworkRuleList, type ShownRule } from './network-rule-list.ts';
import { channelName, networkName } from './networks.ts';

export interface ShownChannel {
  id: string;
  network: string;
  /** The network whose rules a practice channel keeps. */
  imitates: string | null;
  handle: string;
  status: 'ok' | 'needs_reconnect';
  /** What this channel's network offers it against posting twice. */
  guarantee: 'exact' | 'idempotent' | 'read_back' | 'none';
  isProven: boolean;
  /** Nothing is sent before this, because the network asked for a pause. */
  pausedUntil: Date | null;
  /** When the link ends for good unless a person links it again; null: it does not, or renews itself. */
  linkEndsAt: Date | null;
  quota: { used: number; total: number; windowSeconds: number } | null;
  rules: readonly ShownRule[];
}

const GUARANTEES: Readonly<Record<ShownChannel['guarantee'], string>> = {
  exact: 'Never twice: the network itself keeps a post from going out again.',
  idempotent: 'Never twice: a repeated send is recognised by the network.',
  read_back: 'If a send ends unclearly, the account is read before anything is sent again.',
  none: 'If a send ends unclearly, it is shown to you and never repeated blindly.',
};

export function ChannelCard(props: { channel: ShownChannel; mayAct: boolean; timeZone: string }) {
  const { channel, mayAct, timeZone } = props;
  const name = channelName(channel);
  const isPlayground = channel.network === 'playground';
  const linkHref = `/channels/link/${channel.network}?channel=${channel.id}`;
  const isToLink = channel.status !== 'ok' || channel.linkEndsAt !== null;
  return html`<section class="card" id=${channel.id}>
    <div class="line">
      <h2>${name}</h2>
      <${StateBadge} channel=${channel} />
    </div>
    ${isPlayground && html`<${PlaygroundWords} imitates=${channel.imitates} />`}
    ${
      channel.status !== 'ok' &&
      html`<${Notice} tone="warning"
        >The network no longer accepts the stored sign-in. Posts wait until it is linked again.<//
      >`
    }
    ${
      channel.status === 'ok' &&
      channel.linkEndsAt &&
      html`<p>
        Link again before${' '}<strong><${Moment} at=${channel.linkEndsAt} timeZone=${timeZone} /></strong>:
        then the network ends this link.
      </p>`
    }
    ${
      channel.pausedUntil &&
      html`<${Notice} tone="warning">
        <p>
          ${networkName(channel.network)} asked for a pause. Posts wait until${' '}<${Moment}
            at=${channel.pausedUntil}
            timeZone=${timeZone}
          />${' '}and then go out by themselves.
        </p>
      <//>`
    }
    ${!channel.imitates && html`<p class="hint">${GUARANTEES[channel.guarantee]}</p>`}
    ${channel.quota && html`<p class="hint">${quotaWords(channel.quota)}</p>`}
    ${
      !channel.isProven &&
      html`<p><span class="badge" data-tone="note">Not yet proven against the real service</span></p>`
    }
    <${NetworkRuleList} name=${name} rules=${channel.rules} />
    <p>
      <a href=${`/channels/${channel.id}/slots`}>Queue slots<span class="hidden"> of ${name}</span></a>
    </p>
    ${
      mayAct &&
      (!isPlayground || channel.imitates) &&
      html`<div class="actions">
        ${isToLink && html`<${LinkButton} href=${linkHref} look="primary">Link it again<span class="hidden">: ${name}</span><//>`}
        <${LinkButton} href=${`/channels/${channel.id}/disconnect`} look="danger"
          >Disconnect<span class="hidden"> ${name}</span><//
        >
      </div>`
    }
  </section>`;
}

function StateBadge({ channel: { status, pausedUntil } }: { channel: ShownChannel }) {
  if (status !== 'ok') return html`<span class="badge" data-tone="problem">Link it again</span>`;
  return pausedUntil
    ? html`<span class="badge" data-tone="warning">Paused</span>`
    : html`<span class="badge" data-tone="good">Ready</span>`;
}

function quotaWords({ used, total, windowSeconds }: NonNullable<ShownChannel['quota']>): string {
  const hours = Math.round(windowSeconds / 3600);
  return `The network counted ${used} of ${total} posts in ${hours === 1 ? 'an hour' : `${hours} hours`} when it was last asked.`;
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

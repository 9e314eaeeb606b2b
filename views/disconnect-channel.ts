import { Button, Form, LinkButton } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { channelName, networkName, type NamedChannel } from './networks.ts';

export interface DisconnectChannelViewProps {
  viewer: Viewer;
  channel: NamedChannel & { id: string };
  /** Posts on the calendar. */
  scheduled: number;
}

export function DisconnectChannelView({ viewer, channel, scheduled }: DisconnectChannelViewProps) {
  const back = { href: '/channels', label: 'Channels' };
  return html`<${Layout}
    title="Disconnect a channel"
    viewer=${viewer}
    section="channels"
    back=${back}
    width="narrow"
  >
    <h1>Disconnect ${channelName(channel)}?</h1>
    <p>${scheduledWords(scheduled)} What was published stays.</p>
    ${
      !channel.imitates &&
      html`<p>
        The stored sign-in is forgotten here. ${networkName(channel.network)} still lists Grantcast among the
        apps of the account until you remove it there, too.
      </p>`
    }
    <${Form} action=${`/channels/${channel.id}/disconnect`} csrfToken=${viewer.csrfToken}>
      <div class="actions">
        <${Button} look="danger">Disconnect<//>
        <${LinkButton} href=${back.href}>Keep it<//>
      </div>
    <//>
  <//>`;
}

function scheduledWords(scheduled: number): string {
  if (scheduled === 0) return 'Nothing is scheduled on this channel.';
  return scheduled === 1
    ? 'The one post that is scheduled on this channel is held until it is linked again.'
    : `The ${scheduled} posts that are scheduled on this channel are held until it is linked again.`;
}

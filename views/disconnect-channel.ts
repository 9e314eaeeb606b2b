import { Button, Form, LinkButton } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { channelName, type NamedChannel } from './networks.ts';

export interface DisconnectChannelViewProps {
  viewer: Viewer;
  channel: NamedChannel & { id: string };
}

export function DisconnectChannelView({ viewer, channel }: DisconnectChannelViewProps) {
  const back = { href: '/channels', label: 'Channels' };
  return html`<${Layout}
    title="Disconnect a channel"
    viewer=${viewer}
    section="channels"
    back=${back}
    width="narrow"
  >
    <h1>Disconnect ${channelName(channel)}?</h1>
    <p>
      ${channel.imitates ? '' : 'The stored sign-in is forgotten. '}What is scheduled on this channel is held
      until it is linked again. What was published stays.
    </p>
    <${Form} action=${`/channels/${channel.id}/disconnect`} csrfToken=${viewer.csrfToken}>
      <div class="actions">
        <${Button} look="danger">Disconnect<//>
        <${LinkButton} href=${back.href}>Keep it<//>
      </div>
    <//>
  <//>`;
}

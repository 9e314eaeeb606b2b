import { ChannelCard, type ShownChannel } from './channel-card.ts';
import { Button, Form, LinkButton, Notice, Select } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { networkName } from './networks.ts';

/** A network whose accounts can be linked here. */
export interface LinkableNetwork {
  id: string;
  isProven: boolean;
  /** Settings without which nobody can link; empty when it is ready. */
  missingSettings: readonly string[];
  /** What publishing costs there, in a sentence; null: nothing. */
  price: string | null;
  /** That the version of its API which this server asks for ends soon, in a sentence. */
  versionWarning: string | null;
}

export interface ChannelsViewProps {
  viewer: Viewer;
  timeZone: string;
  done: string | undefined;
  channels: readonly ShownChannel[];
  linkable: readonly LinkableNetwork[];
  /** Networks that there is no practice channel for yet. */
  practicable: readonly string[];
  mayAct: boolean;
}

export function ChannelsView(props: ChannelsViewProps) {
  const { viewer, done, channels, linkable, practicable, mayAct, timeZone } = props;
  return html`<${Layout}
    title="Channels"
    viewer=${viewer}
    section="channels"
    back=${{ href: '/', label: 'Home' }}
    scripts=${['live']}
  >
    <h1>Channels</h1>
    <p>Accounts that ${viewer.team.name} publishes to.</p>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    <div id="channel-list" class="through" data-live>
      ${channels.map(
        (channel) =>
          html`<${ChannelCard} key=${channel.id} channel=${channel} mayAct=${mayAct} timeZone=${timeZone} />`,
      )}
    </div>
    ${mayAct && linkable.length > 0 && html`<${LinkList} linkable=${linkable} />`}
    ${mayAct && practicable.length > 0 && html`<${PracticeForm} viewer=${viewer} practicable=${practicable} />`}
    <p>
      <a href="/stops">Stop publishing</a>${' '}on a channel, a network or everywhere when something is wrong.
    </p>
  <//>`;
}

function LinkList({ linkable }: { linkable: readonly LinkableNetwork[] }) {
  return html`<section class="card" id="link">
    <h2>Link an account</h2>
    <ul class="list">
      ${linkable.map((network) => html`<${LinkLine} key=${network.id} network=${network} />`)}
    </ul>
  </section>`;
}

function LinkLine({ network }: { network: LinkableNetwork }) {
  const { id, isProven, missingSettings, price, versionWarning } = network;
  const name = networkName(id);
  const isReady = missingSettings.length === 0;
  return html`<li>
    <div class="line">
      <h3>${name}</h3>
      <${LinkButton} href=${`/channels/link/${id}`} look=${isReady ? 'primary' : 'plain'}
        >${isReady ? html`Link <span class="hidden">an account of </span>${name}` : html`What is missing<span class="hidden"> for ${name}</span>`}<//
      >
    </div>
    ${
      !isReady &&
      html`<p class="hint">
        Not set up on this server: ${missingSettings.length === 1 ? 'the setting' : 'the settings'}${' '}
        ${missingSettings.map((setting, index) => html`${index > 0 && ' and '}<code>${setting}</code>`)}${' '}
        ${missingSettings.length === 1 ? 'is' : 'are'} missing.
      </p>`
    }
    ${!isProven && html`<p><span class="badge" data-tone="note">Not yet proven against the real service</span></p>`}
    ${price && html`<p class="hint">${price}</p>`}
    ${versionWarning && html`<${Notice} tone="warning">${versionWarning}<//>`}
  </li>`;
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

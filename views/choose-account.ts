import { Button, Form, LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { networkName } from './networks.ts';

export interface ChooseAccountViewProps {
  viewer: Viewer;
  linkId: string;
  network: string;
  accounts: readonly { remoteAccountId: string; handle: string; kind: string | undefined }[];
  /** The account of the channel that was to be linked again. */
  relinksAccount: string | undefined;
  problem?: string | undefined;
}

export function ChooseAccountView(props: ChooseAccountViewProps) {
  const { viewer, linkId, network, accounts, relinksAccount, problem } = props;
  const name = networkName(network);
  const back = { href: '/channels', label: 'Channels' };
  return html`<${Layout}
    title="Choose accounts"
    viewer=${viewer}
    section="channels"
    back=${back}
    width="narrow"
    styles=${['connections']}
  >
    <h1>Which accounts?</h1>
    ${problem && html`<${Notice} tone="problem">${problem}<//>`}
    <p>
      ${name} told of ${accounts.length} accounts. Each that you choose becomes a channel of${' '}
      ${viewer.team.name}.
    </p>
    <${Form} action=${`/channels/accounts/${linkId}`} csrfToken=${viewer.csrfToken}>
      <fieldset>
        <legend>Accounts on ${name}</legend>
        ${accounts.map(
          ({ remoteAccountId, handle, kind }, index) =>
            html`<div class="check" key=${remoteAccountId}>
              <input
                type="checkbox"
                id=${`account-${index}`}
                name="account"
                value=${remoteAccountId}
                checked=${remoteAccountId === relinksAccount}
              />
              <label for=${`account-${index}`}
                ><bdi>${handle}</bdi>${kind && html`${' '}<span class="hint">${kind}</span>`}</label
              >
            </div>`,
        )}
      </fieldset>
      <div class="actions">
        <${Button}>Link what is chosen<//>
        <${LinkButton} href=${back.href}>Link none<//>
      </div>
    <//>
  <//>`;
}

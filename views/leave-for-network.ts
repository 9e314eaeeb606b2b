import { LinkButton } from './components.ts';
import { html } from './html.ts';
import { Layout } from './layout.ts';
import { networkName } from './networks.ts';

/**
 * On the way to the network's pages. A page and no redirect, because a browser that keeps forms within this server
 * (form-action) would not follow one.
 */
export function LeaveForNetworkView({ network, href }: { network: string; href: string }) {
  const name = networkName(network);
  return html`<${Layout} title=${`On to ${name}`} width="narrow" refreshTo=${href}>
    <h1>On to ${name}</h1>
    <p>Your browser goes there by itself. If it does not:</p>
    <p><${LinkButton} href=${href} look="primary">Continue to ${name}<//></p>
    <p class="hint">${new URL(href).host}</p>
  <//>`;
}

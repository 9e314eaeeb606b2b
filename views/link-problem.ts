import { LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { networkName } from './networks.ts';

/** How a link ended that did not work out. A denial is no problem: the person decided so. */
export function LinkProblemView(props: {
  viewer: Viewer;
  network: string;
  /** The channel that was to be linked again. */
  relinks: string | null;
  message: string;
  isDenied: boolean;
}) {
  const { viewer, network, relinks, message, isDenied } = props;
  const again = `/channels/link/${network}${relinks === null ? '' : `?channel=${relinks}`}`;
  const back = { href: '/channels', label: 'Channels' };
  return html`<${Layout} title="Not linked" viewer=${viewer} section="channels" back=${back} width="narrow">
    <h1>Not linked</h1>
    <${Notice} tone=${isDenied ? 'note' : 'problem'}>${message}<//>
    <p><${LinkButton} href=${again}>Try ${networkName(network)} again<//></p>
  <//>`;
}

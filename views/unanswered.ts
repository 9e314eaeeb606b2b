import { LinkButton } from './components.ts';
import { html } from './html.ts';
import { Layout } from './layout.ts';

export interface UnansweredProps {
  clientName: string;
  /** The client's redirect URI with the error. */
  href: string;
  /** Where that leads: a host, or the scheme of an app. */
  host: string;
  isOnThisComputer: boolean;
  /** For whoever writes the client. */
  detail: string;
}

/** A client that this person never allowed sent a request that cannot be answered: they decide whether to go there. */
export function UnansweredPage({ clientName, href, host, isOnThisComputer, detail }: UnansweredProps) {
  const title = 'This app sent a request that cannot be answered';
  return html`<${Layout} title=${title} width="narrow" back=${{ href: '/', label: 'Home' }}>
    <h1>${title}</h1>
    <p>
      It calls itself <q><bdi>${clientName}</bdi></q
      >. Nothing was approved. Start again from your app; if it happens again, the app needs to be corrected.
    </p>
    <p>
      The app can be told what is wrong. That leads to
      ${isOnThisComputer ? html` an app on this computer (<strong>${host}</strong>)` : html` <strong>${host}</strong>`},
      so go there only if you came from it.
    </p>
    <p>
      <${LinkButton} href=${href}>Go to <bdi>${host}</bdi><//>
    </p>
    <details>
      <summary>For the app's makers</summary>
      <p><code>${detail}</code></p>
    </details>
  <//>`;
}

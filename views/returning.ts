import { LinkButton } from './components.ts';
import { html } from './html.ts';
import { Layout } from './layout.ts';

export interface ReturningProps {
  clientName: string;
  /** The client's redirect URI with the answer. */
  href: string;
}

/**
 * The last page of a consent. It leaves by itself, because our policy lets no form lead to another site; an app on the
 * person's computer may need the click.
 */
export function ReturningPage({ clientName, href }: ReturningProps) {
  return html`<${Layout} title=${`Returning you to ${clientName}`} width="narrow" refreshTo=${href}>
    <h1>Returning you to <bdi>${clientName}</bdi></h1>
    <p>
      <${LinkButton} href=${href} look="primary">Go on to <bdi>${clientName}</bdi><//>
    </p>
    <p>If the app has opened, you can close this window.</p>
  <//>`;
}

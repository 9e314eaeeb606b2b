import { Button, Form, LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';

export interface RevokeViewProps {
  viewer: Viewer;
  connection: { id: string; clientName: string; personName: string; waitingPosts: number };
}

/** Says what revoking does before it is done. */
export function RevokeView({ viewer, connection }: RevokeViewProps) {
  const { id, clientName, personName, waitingPosts } = connection;
  const back = { href: '/connections', label: 'Connections' };
  return html`<${Layout}
    title="Revoke a connection"
    viewer=${viewer}
    section="connections"
    back=${back}
    width="narrow"
  >
    <h1>Revoke ${clientName}?</h1>
    <p>${clientName}, allowed by ${personName}, is signed out at once. Every other connection goes on.</p>
    ${
      waitingPosts === 0
        ? html`<p>No scheduled posts depend on it.</p>`
        : html`<${Notice} tone="warning">
            ${waitingPosts === 1 ? 'One post that it scheduled will be held' : `${waitingPosts} posts that it scheduled will be held`}:
            you can then hand over what is held to yourself, or cancel it.
          <//>`
    }
    <${Form} action=${`/connections/${id}/revoke`} csrfToken=${viewer.csrfToken}>
      <div class="actions">
        <${Button} look="danger">Revoke<//>
        <${LinkButton} href=${back.href}>Keep it<//>
      </div>
    <//>
  <//>`;
}

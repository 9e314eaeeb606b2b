import { Button, Card, EmptyState, Form, LinkButton, Notice } from './components.ts';
import { FirstSteps } from './first-steps.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';

export interface ShownConnection {
  id: string;
  clientName: string;
  redirectHost: string;
  personName: string;
  /** What it may do, in words. */
  permissions: readonly string[];
  createdAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  suspectSince: Date | null;
  waitingPosts: number;
  mayRevoke: boolean;
  /** Posts that stopped with it. */
  heldPosts: readonly { postId: string; excerpt: string; dueAt: Date | null }[];
}

export interface ConnectionsViewProps {
  viewer: Viewer;
  timeZone: string;
  done: string | undefined;
  mcpUrl: string;
  connections: readonly ShownConnection[];
  /** An owner or editor. */
  mayAct: boolean;
}

export function ConnectionsView({
  viewer,
  timeZone,
  done,
  mcpUrl,
  connections,
  mayAct,
}: ConnectionsViewProps) {
  const inForce = connections.filter(({ revokedAt }) => !revokedAt);
  const revoked = connections.filter(({ revokedAt }) => revokedAt);
  const show = (connection: ShownConnection) =>
    html`<${ConnectionCard}
      key=${connection.id}
      ...${{ connection, timeZone, mayAct }}
      csrfToken=${viewer.csrfToken}
    />`;
  return html`<${Layout}
    title="Connections"
    viewer=${viewer}
    section="connections"
    back=${{ href: '/', label: 'Home' }}
    scripts=${['copy']}
  >
    <h1>Connections</h1>
    <p>Editors and other clients that may act for ${viewer.team.name}, each because somebody allowed it.</p>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    ${inForce.length === 0 && html`<${EmptyState} title="Nothing is connected." />`} ${inForce.map(show)}
    ${inForce.length === 0 && html`<${FirstSteps} mcpUrl=${mcpUrl} />`}
    ${revoked.length > 0 && html`<h2>Revoked</h2>`} ${revoked.map(show)}
  <//>`;
}

interface ConnectionCardProps {
  connection: ShownConnection;
  timeZone: string;
  mayAct: boolean;
  csrfToken: string;
}

function ConnectionCard({ connection, timeZone, mayAct, csrfToken }: ConnectionCardProps) {
  const { id, clientName, revokedAt, lastUsedAt, heldPosts } = connection;
  return html`<${Card} title=${clientName} level=${revokedAt ? 3 : 2}>
    ${
      connection.suspectSince &&
      !revokedAt &&
      html`<${Notice} tone="warning" title="Somebody may have copied its key.">
        <p>
          An old key was used again, so what it scheduled since then is held. Revoke it if you do not know
          why.
        </p>
      <//>`
    }
    <dl class="facts">
      <div>
        <dt>Allowed by</dt>
        <dd>${connection.personName}, <${Moment} at=${connection.createdAt} timeZone=${timeZone} /></dd>
      </div>
      <div>
        <dt>Answers go to</dt>
        <dd>${connection.redirectHost}</dd>
      </div>
      <div>
        <dt>Last used</dt>
        <dd>${lastUsedAt ? html`<${Moment} at=${lastUsedAt} timeZone=${timeZone} />` : 'Not yet'}</dd>
      </div>
      ${
        revokedAt &&
        html`<div>
          <dt>Revoked</dt>
          <dd><${Moment} at=${revokedAt} timeZone=${timeZone} /></dd>
        </div>`
      }
      ${
        !revokedAt &&
        html`<div>
          <dt>Posts that depend on it</dt>
          <dd>${connection.waitingPosts}</dd>
        </div>`
      }
    </dl>
    ${
      !revokedAt &&
      html`<details>
        <summary>What it may do</summary>
        <ul>
          ${connection.permissions.map((permission) => html`<li>${permission}</li>`)}
        </ul>
      </details>`
    }
    ${heldPosts.length > 0 && html`<${HeldPosts} ...${{ id, heldPosts, timeZone, mayAct, csrfToken }} />`}
    ${
      !revokedAt &&
      connection.mayRevoke &&
      html`<p>
        <${LinkButton} href=${`/connections/${id}/revoke`} look="danger"
          >Revoke<span class="hidden"> ${clientName}</span><//
        >
      </p>`
    }
  <//>`;
}

function HeldPosts({
  id,
  heldPosts,
  timeZone,
  mayAct,
  csrfToken,
}: Omit<ConnectionCardProps, 'connection'> & Pick<ShownConnection, 'id' | 'heldPosts'>) {
  return html`<div class="held">
    <p>
      <strong>${heldPosts.length === 1 ? 'One post is held.' : `${heldPosts.length} posts are held.`}</strong>
    </p>
    <ul class="list">
      ${heldPosts.map(
        (post) =>
          html`<li key=${post.postId}>
            <a class="main" href=${`/posts/${post.postId}`}>${post.excerpt}</a>
            ${post.dueAt && html`<p class="meta"><${Moment} at=${post.dueAt} timeZone=${timeZone} /></p>`}
          </li>`,
      )}
    </ul>
    ${
      mayAct &&
      html`<div class="actions">
        <${Form} action=${`/connections/${id}/hand-over`} csrfToken=${csrfToken}
          ><${Button}>Hand over to me<//><//
        >
        <${Form} action=${`/connections/${id}/cancel-posts`} csrfToken=${csrfToken}>
          <${Button} look="plain">Cancel these posts<//>
        <//>
      </div>`
    }
  </div>`;
}

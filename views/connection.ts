import { Card, LinkButton, Notice } from './components.ts';
import { ConnectionChanges, type ConnectionChangesProps } from './connection-changes.ts';
import { ConnectionDoctor, type DoctorProps } from './connection-doctor.ts';
import {
  ConnectionBadge,
  ConnectionFactList,
  Fact,
  SuspectWords,
  type ShownConnection,
} from './connection-facts.ts';
import { HeldPosts, WaitingPostList, type WaitingPost } from './held-posts.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';

export interface ConnectionViewProps {
  viewer: Viewer;
  timeZone: string;
  done: string | undefined;
  problem: string | undefined;
  connection: ShownConnection & { groupId: string };
  clientId: string;
  waiting: readonly WaitingPost[];
  held: readonly WaitingPost[];
  doctor: DoctorProps;
  /** waiting: it was connected a moment ago; called: its first call arrived within two minutes; null: neither. */
  arrival: 'waiting' | 'called' | null;
  changes: Omit<ConnectionChangesProps, 'csrfToken' | 'timeZone' | 'connection'>;
  /** An owner or editor. */
  mayAct: boolean;
}

/** Everything of one connection. */
export function ConnectionView(props: ConnectionViewProps) {
  const { viewer, timeZone, done, problem, connection, waiting, held, doctor, mayAct } = props;
  const { id, clientName, state, suspectSince } = connection;
  return html`<${Layout}
    title=${clientName}
    viewer=${viewer}
    section="connections"
    styles=${['connections']}
    back=${{ href: '/connections', label: 'Connections' }}
  >
    <div class="line">
      <h1>${clientName}</h1>
      <${ConnectionBadge} ...${connection} />
    </div>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    ${problem && html`<${Notice} tone="problem">${problem}<//>`}
    <${Arrival} arrival=${props.arrival} />
    ${
      suspectSince &&
      state === 'inForce' &&
      html`<${Notice} tone="warning" title="Somebody may have copied its key."><${SuspectWords} /><//>`
    }
    ${
      held.length > 0 &&
      html`<${HeldPosts}
        connectionId=${id}
        posts=${held}
        csrfToken=${viewer.csrfToken}
        ...${{ clientName, timeZone, mayAct }}
      />`
    }
    <${Card}>
      <${ConnectionFactList} connection=${connection} timeZone=${timeZone} />
      <dl class="facts">
        <${Fact} label="Answers go to">${connection.redirectHost}<//>
        <${Fact} label="Client id"><code>${props.clientId}</code><//>
      </dl>
      <div class="actions">
        <${LinkButton} href=${`/connections/clients/${connection.groupId}`}>All of this client<//>
        ${
          connection.mayManage &&
          state !== 'revoked' &&
          html`<${LinkButton} href=${`/connections/${id}/revoke`} look="danger"
            >Revoke<span class="hidden"> ${clientName}</span><//
          >`
        }
      </div>
    <//>
    <${Permissions} connection=${connection} mayAct=${mayAct} />
    <${ConnectionDoctor} ...${doctor} />
    ${
      waiting.length > 0 &&
      html`<${Card} title="Posts that go out under it">
        <${WaitingPostList} posts=${waiting} timeZone=${timeZone} />
      <//>`
    }
    ${
      state !== 'revoked' &&
      connection.mayManage &&
      mayAct &&
      html`<${ConnectionChanges}
        ...${props.changes}
        ...${{ connection, timeZone }}
        csrfToken=${viewer.csrfToken}
      />`
    }
  <//>`;
}

function Arrival({ arrival }: Pick<ConnectionViewProps, 'arrival'>) {
  if (arrival === 'called') return html`<${Notice} tone="good">It is connected: its first call arrived.<//>`;
  if (arrival === null) return null;
  return html`<${Notice} tone="note">
    It was connected a moment ago. Waiting for its first call; this page looks again by itself for two
    minutes.
  <//>`;
}

function Permissions({
  connection,
  mayAct,
}: {
  connection: ConnectionViewProps['connection'];
  mayAct: boolean;
}) {
  const { id, permissions, lacking, policy, state } = connection;
  return html`<${Card} title=${state === 'inForce' ? 'What it may do' : 'What it was allowed'}>
    <ul class="ticks">
      ${permissions.map((permission) => html`<li key=${permission}>${permission}</li>`)}
    </ul>
    ${
      lacking.length > 0 &&
      html`<h3>What it may not do</h3>
        <ul class="crosses">
          ${lacking.map((permission) => html`<li key=${permission}>${permission}</li>`)}
        </ul>
        ${
          state === 'inForce' &&
          html`<p class="hint">
            To allow more, sign out of this server in the editor, connect it again and choose more there.
          </p>`
        }`
    }
    ${
      state !== 'revoked' &&
      html`<h3>Publishing policy</h3>
        <ul class="plain-list">
          ${policy.map((sentence) => html`<li key=${sentence}>${sentence}</li>`)}
        </ul>`
    }
    ${mayAct && state !== 'revoked' && html`<p><a href=${`/connections/${id}/policy`}>Change its publishing policy</a></p>`}
  <//>`;
}

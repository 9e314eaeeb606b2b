import { Card, LinkButton, Notice } from './components.ts';
import { ConnectionDoctor, type DoctorProps } from './connection-doctor.ts';
import { ConnectionBadge, Fact, type ShownConnection } from './connection-facts.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';

export interface ClientViewProps {
  viewer: Viewer;
  timeZone: string;
  done: string | undefined;
  group: {
    id: string;
    clientName: string;
    redirectHost: string;
    at: Date;
    inForce: number;
    ended: number;
    unconnected: number;
    registrations: number;
  };
  /** Those in force first; at most 200. */
  connections: readonly ShownConnection[];
  doctor: DoctorProps;
  /** Whether the person may revoke any that is in force. */
  mayRevoke: boolean;
}

/** One client of the team with all of its registrations and connections. */
export function ClientView({
  viewer,
  timeZone,
  done,
  group,
  connections,
  doctor,
  mayRevoke,
}: ClientViewProps) {
  const { clientName } = group;
  return html`<${Layout}
    title=${clientName}
    viewer=${viewer}
    section="connections"
    styles=${['connections']}
    back=${{ href: '/connections', label: 'Connections' }}
  >
    <h1>${clientName}</h1>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    <${Card}>
      <dl class="facts">
        <${Fact} label="Answers go to">${group.redirectHost}<//>
        <${Fact} label="Registered">${group.registrations === 1 ? 'Once' : `${group.registrations} times`}<//>
        <${Fact} label="Connections">${group.inForce} in force, ${group.ended} ended<//>
        ${group.unconnected > 0 && html`<${Fact} label="Never finished">${group.unconnected}<//>`}
        <${Fact} label="Last seen"><${Moment} at=${group.at} timeZone=${timeZone} /><//>
      </dl>
      ${
        mayRevoke &&
        html`<p>
          <${LinkButton} href=${`/connections/clients/${group.id}/revoke`} look="danger"
            ><span>Revoke all<span class="hidden"> of ${clientName}</span></span><//
          >
        </p>`
      }
    <//>
    <${ConnectionDoctor} ...${doctor} doesLink=${true} />
    ${
      connections.length > 0 &&
      html`<${Card} title="Its connections">
        <ul class="list">
          ${connections.map(
            (one) =>
              html`<li key=${one.id}>
                <div class="line">
                  <a class="main" href=${`/connections/${one.id}`}>${one.personName}</a>
                  <${ConnectionBadge} ...${one} />
                </div>
                <p class="meta">
                  <span>Connected <${Moment} at=${one.createdAt} timeZone=${timeZone} /></span>
                  ${one.lastUsedAt && html`<span>Last used <${Moment} at=${one.lastUsedAt} timeZone=${timeZone} /></span>`}
                  ${one.heldPosts > 0 && html`<span>${one.heldPosts} held</span>`}
                </p>
              </li>`,
          )}
        </ul>
      <//>`
    }
  <//>`;
}

import { Card, EmptyState, Field, LinkButton, Notice, Pager } from './components.ts';
import { DiagnosisNotice, type ShownDiagnosis } from './connection-doctor.ts';
import {
  ConnectionBadge,
  ConnectionFactList,
  SuspectWords,
  type ShownConnection,
} from './connection-facts.ts';
import { ConnectEditor } from './first-steps.ts';
import { HeldPosts, type WaitingPost } from './held-posts.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';

export interface ShownGroup {
  id: string;
  clientName: string;
  redirectHost: string;
  at: Date;
  inForce: number;
  ended: number;
  unconnected: number;
  connections: readonly ShownConnection[];
  /** How grave the gravest finding is, and how many there are beside notes. */
  verdict: { tone: 'good' | 'note' | 'warning' | 'problem'; problems: number; isExamination: boolean };
}

export interface ShownStray {
  address: string;
  userAgent: string | null;
  diagnoses: readonly ShownDiagnosis[];
}

export interface ConnectionsViewProps {
  viewer: Viewer;
  timeZone: string;
  done: string | undefined;
  mcpUrl: string;
  filter: string;
  search: string;
  counts: Readonly<Record<string, number>>;
  groups: readonly ShownGroup[];
  /** Connections with posts that stopped. */
  holding: readonly { connection: ShownConnection; posts: readonly WaitingPost[] }[];
  /** Connected a moment ago: still waiting for the first call, or it just came. */
  arriving: readonly { id: string; clientName: string; hasCalled: boolean }[];
  strays: readonly ShownStray[];
  /** An owner or editor. */
  mayAct: boolean;
  pager: { nextHref?: string | undefined; firstHref?: string | undefined };
}

const FILTERS = [
  { id: 'inForce', query: '', label: 'In force' },
  { id: 'ended', query: 'show=ended', label: 'Ended' },
  { id: 'all', query: 'show=all', label: 'All' },
] as const;

export function ConnectionsView(props: ConnectionsViewProps) {
  const { viewer, timeZone, done, mcpUrl, counts, groups, holding, arriving, strays, mayAct } = props;
  const isNothingThere = counts['all'] === 0;
  return html`<${Layout}
    title="Connections"
    viewer=${viewer}
    section="connections"
    styles=${['connections', 'first-steps']}
    back=${{ href: '/', label: 'Home' }}
    scripts=${['copy', 'live']}
  >
    <h1>Connections</h1>
    <p>
      Editors and other clients that may act for ${viewer.team.name}, each because somebody allowed it.${' '}
      <a href="/policy">Rules</a>${' '}say when they must ask a person first.
    </p>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    <div id="arriving" class="through" data-live>
      ${arriving.map((one) => html`<${Arriving} key=${one.id} ...${one} />`)}
    </div>
    ${
      holding.length > 0 &&
      html`<${Card} title="Posts that stopped">
        ${holding.map(
          ({ connection, posts }) =>
            html`<div key=${connection.id} class="stack">
              <h3><a href=${`/connections/${connection.id}`}>${connection.clientName}</a></h3>
              <${HeldPosts}
                connectionId=${connection.id}
                clientName=${connection.clientName}
                csrfToken=${viewer.csrfToken}
                ...${{ posts, timeZone, mayAct }}
              />
            </div>`,
        )}
      <//>`
    }
    ${strays.length > 0 && html`<${Strays} strays=${strays} timeZone=${timeZone} mcpUrl=${mcpUrl} />`}
    ${!isNothingThere && html`<${Choice} ...${props} />`}
    <div id="clients" class="through" data-live>
      ${groups.length === 0 && html`<${NothingFound} ...${props} />`}
      ${groups.map((group) => html`<${GroupCard} key=${group.id} ...${{ group, timeZone, filter: props.filter }} />`)}
    </div>
    <${Pager} ...${props.pager} />
    <div id="connect" class="through" data-live>
      ${counts['inForce'] === 0 && html`<${ConnectEditor} mcpUrl=${mcpUrl} />`}
    </div>
  <//>`;
}

function Arriving({ id, clientName, hasCalled }: ConnectionsViewProps['arriving'][number]) {
  return hasCalled
    ? html`<${Notice} tone="good">
        <p><a href=${`/connections/${id}`}>${clientName}</a>${' '}is connected: its first call arrived.</p>
      <//>`
    : html`<${Notice} tone="note">
        <p>
          <a href=${`/connections/${id}`}>${clientName}</a>${' '}was connected a moment ago. Waiting for its
          first call; this page looks again by itself for two minutes.
        </p>
      <//>`;
}

function Choice({ filter, search, counts }: ConnectionsViewProps) {
  const hrefOf = (query: string) => {
    const all = [query, search && `q=${encodeURIComponent(search)}`].filter(Boolean).join('&');
    return all ? `/connections?${all}` : '/connections';
  };
  return html`<div class="choice">
    <nav class="tabs" aria-label="Which clients">
      ${FILTERS.map(
        ({ id, query, label }) =>
          html`<a key=${id} href=${hrefOf(query)} aria-current=${id === filter ? 'page' : undefined}
            >${label} <span class="count">${counts[id]}</span></a
          >`,
      )}
    </nav>
    <form class="search" method="get" action="/connections" role="search">
      ${filter !== 'inForce' && html`<input type="hidden" name="show" value=${filter} />`}
      <${Field} label="Find a client by name or host" name="q" value=${search} maxlength=${100} />
      <button class="plain" type="submit">Find</button>
    </form>
  </div>`;
}

function NothingFound({ search, counts, filter }: ConnectionsViewProps) {
  if (counts['all'] === 0) return html`<${EmptyState} title="Nothing is connected." />`;
  if (search) {
    return html`<${EmptyState} title=${`No client here is called “${search}”.`}>
      <p><a href="/connections?show=all">Show all clients</a></p>
    <//>`;
  }
  const title = filter === 'ended' ? 'No connection has ended.' : 'Nothing is connected now.';
  return html`<${EmptyState} title=${title}>
    <p><a href="/connections?show=all">Show all clients</a></p>
  <//>`;
}

function Strays({
  strays,
  timeZone,
  mcpUrl,
}: {
  strays: readonly ShownStray[];
  timeZone: string;
  mcpUrl: string;
}) {
  const count = strays.length === 1 ? 'One program' : `${strays.length} programs`;
  return html`<details class="card">
    <summary>${count} did not get in during the last day</summary>
    <p>The MCP address is${' '}<code>${mcpUrl}</code></p>
    ${strays.map(
      ({ address, userAgent, diagnoses }) =>
        html`<div key=${`${address} ${userAgent}`} class="stack">
          <h2>From ${address}</h2>
          ${userAgent && html`<p class="meta">${userAgent}</p>`}
          ${diagnoses.map((one) => html`<${DiagnosisNotice} key=${one.code} diagnosis=${one} timeZone=${timeZone} />`)}
        </div>`,
    )}
  </details>`;
}

function GroupCard({ group, timeZone, filter }: { group: ShownGroup; timeZone: string; filter: string }) {
  const { id, clientName, redirectHost, verdict, connections } = group;
  const href = `/connections/clients/${id}`;
  return html`<section class="card" aria-labelledby=${id}>
    <div class="line">
      <h2 id=${id}><a href=${href}>${clientName}</a></h2>
      <span class="badge" data-tone=${verdict.tone === 'note' ? 'good' : verdict.tone}
        >${verdictWords(verdict)}</span
      >
    </div>
    <p class="meta"><span>Answers go to ${redirectHost}</span><span>${countWords(group)}</span></p>
    ${connections
      .filter(({ state }) => state === 'inForce')
      .map((connection) => html`<${ConnectionEntry} key=${connection.id} ...${{ connection, timeZone }} />`)}
    <${EndedList} ...${{ group, timeZone, isOpen: filter === 'ended' }} />
    ${group.unconnected > 0 && connections.length === 0 && html`<p>Nobody has allowed it. Last seen <${Moment} at=${group.at} timeZone=${timeZone} /></p>`}
  </section>`;
}

function verdictWords({ tone, problems, isExamination }: ShownGroup['verdict']): string {
  if (isExamination) return 'An examination by npm run doctor';
  if (tone === 'good' || tone === 'note') return 'Nothing wrong';
  return problems === 1 ? 'One thing to look at' : `${problems} things to look at`;
}

function countWords({ inForce, ended, unconnected }: ShownGroup): string {
  const parts = [
    inForce > 0 && `${inForce} in force`,
    ended > 0 && `${ended} ended`,
    unconnected > 0 && `${unconnected} never finished`,
  ];
  return parts.filter(Boolean).join(', ');
}

function ConnectionEntry({ connection, timeZone }: { connection: ShownConnection; timeZone: string }) {
  const { id, personName, clientName, suspectSince, permissions, policy, mayManage } = connection;
  return html`<div class="connection">
    <div class="line">
      <h3>
        <a href=${`/connections/${id}`}>${personName}<span class="hidden">, ${clientName}</span></a>
      </h3>
      <${ConnectionBadge} ...${connection} />
    </div>
    ${suspectSince && html`<${Notice} tone="warning" title="Somebody may have copied its key."><${SuspectWords} /><//>`}
    <${ConnectionFactList} connection=${connection} timeZone=${timeZone} />
    <details>
      <summary>What it may do<span class="hidden">: ${clientName} for ${personName}</span></summary>
      <ul>
        ${permissions.map((permission) => html`<li key=${permission}>${permission}</li>`)}
      </ul>
      <ul>
        ${policy.map((sentence) => html`<li key=${sentence}>${sentence}</li>`)}
      </ul>
    </details>
    <div class="actions">
      <${LinkButton} href=${`/connections/${id}`}>Details<span class="hidden"> of ${clientName}</span><//>
      ${
        mayManage &&
        html`<${LinkButton} href=${`/connections/${id}/revoke`} look="danger"
          >Revoke<span class="hidden"> ${clientName}</span><//
        >`
      }
    </div>
  </div>`;
}

function EndedList({ group, timeZone, isOpen }: { group: ShownGroup; timeZone: string; isOpen: boolean }) {
  const ended = group.connections.filter(({ state }) => state !== 'inForce');
  if (ended.length === 0) return null;
  const list = html`<ul class="list">
    ${ended.map(
      (one) =>
        html`<li key=${one.id}>
          <div class="line">
            <a class="main" href=${`/connections/${one.id}`}>${one.personName}</a>
            <${ConnectionBadge} ...${one} />
          </div>
          <p class="meta">
            <${Moment} at=${one.revokedAt ?? one.endsAt ?? one.createdAt} timeZone=${timeZone} />
          </p>
        </li>`,
    )}
    ${group.ended > ended.length && html`<li><a href=${`/connections/clients/${group.id}`}>All ${group.ended}</a></li>`}
  </ul>`;
  if (group.inForce === 0) return list;
  return html`<details open=${isOpen}>
    <summary>${group.ended} ended</summary>
    ${list}
  </details>`;
}

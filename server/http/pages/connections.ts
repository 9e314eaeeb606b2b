import type Router from '@koa/router';

import { ClientView } from '../../../views/client.ts';
import { ConnectionsView } from '../../../views/connections.ts';
import { html } from '../../../views/html.ts';
import { RevokeView } from '../../../views/revoke.ts';
import { assertMayWrite } from '../../caller.ts';
import type { ClientGroup, GroupFilter } from '../../clients/client-groups.ts';
import { readClientHistory } from '../../clients/client-history.ts';
import { findConnectionFacts, mayManage, type ConnectionFacts } from '../../clients/connection-facts.ts';
import { diagnoseClient } from '../../clients/diagnose.ts';
import { findStrayVisitors } from '../../clients/stray-visitors.ts';
import type { Context } from '../../context.ts';
import { handOverDeliveries } from '../../deliveries/hand-over.ts';
import { notAllowed } from '../../errors.ts';
import { findClient, listClients, revokeClient } from '../../oauth/connections.ts';
import { findWaitingPosts } from '../../posts/find-waiting-posts.ts';
import { readDoneNotice, redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { cursorOf, pagerOf } from '../paging-links.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

import { addConnectionPage } from './connection.ts';
import { lookAgainSoon } from './look-again.ts';
import { consultDoctor, showConnections } from './shown-connection.ts';

const SHOWN_PER_CLIENT = 6;
const MOST_PER_CLIENT = 200;
const MOST_ARRIVING = 3;

/** The list of clients, each client's page, and each connection's. */
export function addConnectionPages(router: Router, context: Context): void {
  router.get('/connections', signedIn(context, showClients));
  router.get('/connections/clients/:id', signedIn(context, showClient));
  router.get('/connections/clients/:id/revoke', signedIn(context, askToRevokeAll));
  router.post('/connections/clients/:id/revoke', signedIn(context, revokeAll));
  addConnectionPage(router, context);
}

async function showClients(page: SignedInPage): Promise<void> {
  const { ctx, context, caller, viewer, team } = page;
  const { show, q } = ctx.query;
  const filter: GroupFilter = show === 'ended' || show === 'all' ? show : 'inForce';
  const search = typeof q === 'string' ? q.trim().slice(0, 100) : '';
  const clients = await listClients(context, caller, { filter, search, cursor: cursorOf(ctx) });
  const groupIds = clients.items.map(({ id }) => id);
  const [connections, holding, waiting, strays] = await Promise.all([
    findConnectionFacts(context, caller, { kind: 'groups', groupIds, perGroup: SHOWN_PER_CLIENT }),
    findConnectionFacts(context, caller, { kind: 'holding' }),
    findWaitingPosts(context, caller),
    findStrayVisitors(context, caller),
  ]);
  const [shown, shownHolding, verdicts] = await Promise.all([
    showConnections(context, caller, connections),
    showConnections(context, caller, holding),
    Promise.all(clients.items.map((group) => judge(page, group, connections))),
  ]);
  const isFirstPage = !ctx.querystring || ctx.query['done'] !== undefined;
  const arriving = isFirstPage ? findArriving(connections) : [];
  if (arriving.some(({ hasCalled }) => !hasCalled)) lookAgainSoon(ctx);
  const path = new URLSearchParams({
    ...(filter !== 'inForce' && { show: filter }),
    ...(search && { q: search }),
  }).toString();
  const view = html`<${ConnectionsView}
    viewer=${viewer}
    timeZone=${team.timeZone}
    done=${readDoneNotice(ctx)}
    mcpUrl=${`${context.publicUrl}/mcp`}
    ...${{ filter, search, arriving, strays }}
    counts=${clients.counts}
    groups=${clients.items.map((group, index) => ({
      ...group,
      verdict: verdicts[index]!,
      connections: shown.filter(({ id }) => isOf(group, connections, id)),
    }))}
    holding=${shownHolding.map((connection) => ({
      connection,
      posts: waiting.filter((post) => post.isHeld && post.connectionId === connection.id),
    }))}
    mayAct=${caller.role !== 'viewer'}
    pager=${pagerOf(ctx, path ? `/connections?${path}` : '/connections', clients)}
  />`;
  renderPage(ctx, view);
}

function isOf(group: ClientGroup, connections: readonly ConnectionFacts[], connectionId: string): boolean {
  return connections.some(({ id, groupId }) => id === connectionId && groupId === group.id);
}

async function judge(
  { context, caller }: SignedInPage,
  { id, clientIds }: ClientGroup,
  connections: readonly ConnectionFacts[],
) {
  const own = connections.filter(({ groupId }) => groupId === id);
  const history = await readClientHistory(context, caller, { clientIds, connections: own });
  const diagnoses = diagnoseClient(history);
  return {
    tone: diagnoses[0]?.tone ?? ('good' as const),
    problems: diagnoses.filter(({ tone }) => tone !== 'note').length,
    isExamination: diagnoses.some(({ code }) => code === 'examination'),
  };
}

/** Connected a moment ago, by the database's clock: a person comes back from the editor to see whether it works. */
function findArriving(connections: readonly ConnectionFacts[]) {
  return connections
    .filter(
      ({ state, isWaitingForFirstCall, firstUsedAt, isJustConnected }) =>
        state === 'inForce' && (isWaitingForFirstCall || (firstUsedAt !== null && isJustConnected)),
    )
    .slice(0, MOST_ARRIVING)
    .map(({ id, clientName, firstUsedAt }) => ({ id, clientName, hasCalled: firstUsedAt !== null }));
}

async function showClient({ ctx, context, caller, viewer, team, id }: SignedInPage): Promise<void> {
  const group = await findClient(context, caller, id);
  const connections = await findConnectionFacts(context, caller, {
    kind: 'groups',
    groupIds: [id],
    perGroup: MOST_PER_CLIENT,
  });
  const { clientIds } = group;
  const history = await readClientHistory(context, caller, { clientIds, connections });
  const view = html`<${ClientView}
    viewer=${viewer}
    timeZone=${team.timeZone}
    done=${readDoneNotice(ctx)}
    group=${{ ...group, registrations: clientIds.length }}
    connections=${await showConnections(context, caller, connections)}
    doctor=${consultDoctor(history, caller, team.timeZone)}
    mayRevoke=${connections.some((one) => one.state !== 'revoked' && mayManage(caller, one))}
  />`;
  renderPage(ctx, view);
}

async function askToRevokeAll({ ctx, context, caller, viewer, team, id }: SignedInPage): Promise<void> {
  const { clientName } = await findClient(context, caller, id);
  const connections = await findConnectionFacts(context, caller, {
    kind: 'groups',
    groupIds: [id],
    perGroup: MOST_PER_CLIENT,
  });
  const mine = connections.filter((one) => one.state !== 'revoked' && mayManage(caller, one));
  if (mine.length === 0) {
    throw notAllowed({
      code: 'nothing_to_revoke',
      message: 'There is no connection of this client that you can revoke.',
    });
  }
  const waiting = await findWaitingPosts(context, caller);
  const view = html`<${RevokeView}
    viewer=${viewer}
    timeZone=${team.timeZone}
    clientName=${clientName}
    personNames=${[...new Set(mine.map(({ personName }) => personName))]}
    count=${mine.length}
    posts=${waiting.filter(({ connectionId }) => mine.some((one) => one.id === connectionId))}
    path=${`/connections/clients/${id}`}
    mayTakeOver=${caller.role !== 'viewer'}
  />`;
  renderPage(ctx, view);
}

async function revokeAll({ ctx, context, caller, id }: SignedInPage): Promise<void> {
  const doesTakeOver = formField(ctx, 'posts') === 'take_over';
  if (doesTakeOver) assertMayWrite(caller);
  const connectionIds = await revokeClient(context, caller, id);
  if (doesTakeOver) {
    for (const connectionId of connectionIds) await handOverDeliveries(context, caller, { connectionId });
  }
  redirectDone(ctx, `/connections/clients/${id}`, doesTakeOver ? 'revoked_and_taken_over' : 'revoked');
}

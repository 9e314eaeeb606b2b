import type Router from '@koa/router';

import { ConnectionsView } from '../../../views/connections.ts';
import { html } from '../../../views/html.ts';
import { RevokeView } from '../../../views/revoke.ts';
import { assertMayWrite } from '../../caller.ts';
import type { Context } from '../../context.ts';
import { cancelSchedule } from '../../deliveries/cancel-schedule.ts';
import { handOverDeliveries } from '../../deliveries/hand-over.ts';
import { notAllowed, notFound } from '../../errors.ts';
import { listConnections, revokeConnection, type ConnectionSummary } from '../../oauth/connections.ts';
import { findWaitingPosts } from '../../posts/find-waiting-posts.ts';
import { SCOPE_LABELS } from '../../scopes.ts';
import { readDoneNotice, redirectDone } from '../done-notice.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

export function addConnectionPages(router: Router, context: Context): void {
  router.get('/connections', signedIn(context, showConnections));

  router.get(
    '/connections/:id/revoke',
    signedIn(
      context,
      async (page) => {
        const connection = await findRevocable(page);
        renderPage(page.ctx, html`<${RevokeView} viewer=${page.viewer} connection=${connection} />`);
      },
      'connection',
    ),
  );

  router.post(
    '/connections/:id/revoke',
    signedIn(
      context,
      async ({ ctx, caller, id }) => {
        await revokeConnection(context, caller, id);
        redirectDone(ctx, '/connections', 'revoked');
      },
      'connection',
    ),
  );

  router.post(
    '/connections/:id/hand-over',
    signedIn(
      context,
      async ({ ctx, caller, id }) => {
        await handOverDeliveries(context, caller, { connectionId: id });
        redirectDone(ctx, '/connections', 'handed_over');
      },
      'connection',
    ),
  );

  router.post(
    '/connections/:id/cancel-posts',
    signedIn(
      context,
      async ({ ctx, caller, id }) => {
        assertMayWrite(caller);
        const held = (await findWaitingPosts(context, caller, id)).filter(({ isHeld }) => isHeld);
        for (const { postId } of held)
          await cancelSchedule(context, caller, { postId, onlyUnderConnectionId: id });
        redirectDone(ctx, '/connections', 'posts_cancelled');
      },
      'connection',
    ),
  );
}

async function showConnections({ ctx, context, caller, viewer, team }: SignedInPage): Promise<void> {
  const [connections, waiting] = await Promise.all([
    listConnections(context, caller),
    findWaitingPosts(context, caller),
  ]);
  const held = Map.groupBy(
    waiting.filter(({ isHeld }) => isHeld),
    ({ connectionId }) => connectionId,
  );
  const shown = connections.map((connection) => ({
    ...connection,
    permissions: connection.scopes.map((scope) => SCOPE_LABELS[scope]),
    heldPosts: held.get(connection.id) ?? [],
  }));
  const view = html`<${ConnectionsView}
    viewer=${viewer}
    timeZone=${team.timeZone}
    done=${readDoneNotice(ctx)}
    mcpUrl=${`${context.publicUrl}/mcp`}
    connections=${shown}
    mayAct=${caller.role !== 'viewer'}
  />`;
  renderPage(ctx, view);
}

async function findRevocable({ context, caller, id }: SignedInPage): Promise<ConnectionSummary> {
  const connection = (await listConnections(context, caller)).find((one) => one.id === id);
  if (!connection || connection.revokedAt) {
    throw notFound({ code: 'not_found', message: 'This connection does not exist, or was revoked already.' });
  }
  if (connection.mayRevoke) return connection;
  throw notAllowed({
    code: 'not_your_connection',
    message: 'Only the person who made this connection or an owner of the team can revoke it.',
  });
}

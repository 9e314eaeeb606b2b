import type Router from '@koa/router';

import { ConnectionView } from '../../../views/connection.ts';
import { html } from '../../../views/html.ts';
import { RevokeView } from '../../../views/revoke.ts';
import { ENGLISH } from '../../../views/words/english.ts';
import { assertMayWrite } from '../../caller.ts';
import { limitConnection, setConnectionEnd } from '../../clients/change-connection.ts';
import { readClientHistory } from '../../clients/client-history.ts';
import { findConnection, mayManage, type ConnectionFacts } from '../../clients/connection-facts.ts';
import { foreseeSignIn } from '../../clients/sign-in-outlook.ts';
import type { Context } from '../../context.ts';
import { cancelSchedule } from '../../deliveries/cancel-schedule.ts';
import { handOverDeliveries } from '../../deliveries/hand-over.ts';
import { isAppError, notAllowed, notFound } from '../../errors.ts';
import { revokeConnection } from '../../oauth/connections.ts';
import { findWaitingPosts } from '../../posts/find-waiting-posts.ts';
import { SCOPES, withImplied } from '../../scopes.ts';
import { readDoneNotice, redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

import { lookAgainSoon } from './look-again.ts';
import { consultDoctor, showConnections } from './shown-connection.ts';

/** One connection: what it is, what it may do, and everything a person can do about it. */
export function addConnectionPage(router: Router, context: Context): void {
  const page = (handle: (page: SignedInPage) => Promise<void>) => signedIn(context, handle, 'connection');
  router.get('/connections/:id', page(showConnection));
  router.post('/connections/:id/limit', page(limit));
  router.post('/connections/:id/end', page(setEnd));
  router.get('/connections/:id/revoke', page(askToRevoke));
  router.post('/connections/:id/revoke', page(revoke));
  router.post('/connections/:id/hand-over', page(handOver));
  router.post('/connections/:id/cancel-posts', page(cancelPosts));
}

async function showConnection(page: SignedInPage): Promise<void> {
  await renderConnection(page);
}

async function renderConnection(page: SignedInPage, problem?: string): Promise<void> {
  const { ctx, context, caller, viewer, team, id } = page;
  const connection = await findConnection(context, caller, id);
  const [[shown], waiting, history] = await Promise.all([
    showConnections(context, caller, [connection]),
    findWaitingPosts(context, caller, id),
    readClientHistory(context, caller, {
      clientIds: [connection.clientId],
      connections: [connection],
      onlyConnection: true,
    }),
  ]);
  const arrival = arrivalOf(connection);
  if (arrival === 'waiting' && !problem) lookAgainSoon(ctx);
  const view = html`<${ConnectionView}
    viewer=${viewer}
    timeZone=${team.timeZone}
    done=${readDoneNotice(ctx)}
    problem=${problem}
    connection=${{ ...shown!, groupId: connection.groupId }}
    clientId=${connection.clientId}
    waiting=${waiting.filter(({ isHeld }) => !isHeld)}
    held=${waiting.filter(({ isHeld }) => isHeld)}
    doctor=${consultDoctor(history, caller, team.timeZone)}
    arrival=${arrival}
    changes=${{
      scopes: withImplied(connection.scopes).map((scope) => ({ id: scope, label: ENGLISH.scopes[scope] })),
      lastDay: connection.endsAt ? dayOf(new Date(connection.endsAt.getTime() - 1), team.timeZone) : '',
      today: dayOf(history.now, team.timeZone),
      outlook: foreseeSignIn(connection, history),
    }}
    mayAct=${caller.role !== 'viewer'}
  />`;
  renderPage(ctx, view, problem ? 400 : 200);
}

function arrivalOf({ state, isWaitingForFirstCall, isJustConnected, firstUsedAt }: ConnectionFacts) {
  if (state !== 'inForce') return null;
  if (isWaitingForFirstCall) return 'waiting';
  return isJustConnected && firstUsedAt ? 'called' : null;
}

async function limit(page: SignedInPage): Promise<void> {
  const { ctx, context, caller, id } = page;
  const keep = SCOPES.filter((scope) => formField(ctx, `keep ${scope}`) === 'yes');
  await changed(page, 'limited', () => limitConnection(context, caller, { connectionId: id, keep }));
}

async function setEnd(page: SignedInPage): Promise<void> {
  const { ctx, context, caller, id } = page;
  const lastDay = formField(ctx, 'last_day') || null;
  await changed(page, lastDay ? 'end_set' : 'end_removed', () =>
    setConnectionEnd(context, caller, { connectionId: id, lastDay }),
  );
}

/** What was typed wrongly is said on the page itself. */
async function changed(
  page: SignedInPage,
  code: Parameters<typeof redirectDone>[2],
  change: () => Promise<unknown>,
): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (!isAppError(error, 'InvalidInput')) throw error;
    return renderConnection(page, error.details.message);
  }
  redirectDone(page.ctx, `/connections/${page.id}`, code);
}

async function askToRevoke({ ctx, context, caller, viewer, team, id }: SignedInPage): Promise<void> {
  const connection = await findConnection(context, caller, id);
  if (connection.state === 'revoked') {
    throw notFound({ code: 'not_found', message: 'This connection was revoked already.' });
  }
  if (!mayManage(caller, connection)) {
    throw notAllowed({
      code: 'not_your_connection',
      message: 'Only the person who made this connection or an owner of the team can revoke it.',
    });
  }
  const view = html`<${RevokeView}
    viewer=${viewer}
    timeZone=${team.timeZone}
    clientName=${connection.clientName}
    personNames=${[connection.personName]}
    count=${1}
    posts=${await findWaitingPosts(context, caller, id)}
    path=${`/connections/${id}`}
    mayTakeOver=${caller.role !== 'viewer'}
  />`;
  renderPage(ctx, view);
}

async function revoke({ ctx, context, caller, id }: SignedInPage): Promise<void> {
  const doesTakeOver = formField(ctx, 'posts') === 'take_over';
  if (doesTakeOver) assertMayWrite(caller);
  await revokeConnection(context, caller, id);
  if (doesTakeOver) await handOverDeliveries(context, caller, { connectionId: id });
  redirectDone(ctx, `/connections/${id}`, doesTakeOver ? 'revoked_and_taken_over' : 'revoked');
}

async function handOver({ ctx, context, caller, id }: SignedInPage): Promise<void> {
  await handOverDeliveries(context, caller, { connectionId: id });
  redirectDone(ctx, '/connections', 'handed_over');
}

async function cancelPosts({ ctx, context, caller, id }: SignedInPage): Promise<void> {
  assertMayWrite(caller);
  const held = (await findWaitingPosts(context, caller, id)).filter(({ isHeld }) => isHeld);
  for (const { postId } of held) await cancelSchedule(context, caller, { postId, onlyUnderConnectionId: id });
  redirectDone(ctx, '/connections', 'posts_cancelled');
}

/** YYYY-MM-DD in a zone, as date fields want it. */
function dayOf(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(at);
}

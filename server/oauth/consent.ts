import type Provider from 'oidc-provider';

import { recordActivity } from '../activity/record-activity.ts';
import type { Context } from '../context.ts';
import type { ConsentProblem } from '../../views/words/words.ts';

import { connectClient } from './connect-client.ts';
import { readChoice, type ConsentAnswer } from './consent-answer.ts';
import { renderConsent } from './consent-page.ts';
import { readRequest, type AskedFor, type ConsentRequest } from './consent-request.ts';
import { leaveFor } from './interaction.ts';
import { renderStartAgain } from './render-problem.ts';

/** Shows who asks for what. */
export async function showConsent(
  context: Context,
  provider: Provider,
  request: ConsentRequest & { answer?: ConsentAnswer; problem?: ConsentProblem },
): Promise<void> {
  const asked = await readRequest(context, provider, request);
  if (!asked) return renderStartAgain(request.ctx);
  if (!request.answer) noteStep(context, request, 'consent_shown', asked.clientId);
  await renderConsent(context, request, asked);
}

/** The person's yes becomes a connection; anything that is not a clear yes is a no. */
export async function answerConsent(
  context: Context,
  provider: Provider,
  request: ConsentRequest & { answer: ConsentAnswer },
): Promise<void> {
  const { ctx, interaction, session, answer } = request;
  const asked = await readRequest(context, provider, request);
  if (answer['decision'] !== 'allow') {
    if (asked) await recordDenial(context, request, asked);
    const denied = { error: 'access_denied', error_description: 'the person did not allow it' };
    await provider.interactionResult(ctx.req, ctx.res, denied, { mergeWithLastSubmission: false });
    return leaveFor(ctx, interaction.uid);
  }
  if (!asked) return renderStartAgain(ctx);
  const choice = await readChoice(context, { session, asked, answer });
  if ('problem' in choice) return renderConsent(context, { ...request, problem: choice.problem }, asked);
  const { team, ...decided } = choice;
  const grantId = await connectClient(context, provider, {
    ...decided,
    personId: session.personId,
    teamId: team.id,
    clientId: asked.clientId,
    clientName: asked.identity.displayName,
    redirectHost: asked.identity.redirect.host,
    requested: asked.requested,
    protocolScopes: asked.protocolScopes,
    address: ctx.ip,
  });
  await provider.interactionResult(
    ctx.req,
    ctx.res,
    { consent: { grantId } },
    { mergeWithLastSubmission: true },
  );
  leaveFor(ctx, interaction.uid);
}

/** In the record of the team that was chosen, or else of the first one. */
async function recordDenial(
  context: Context,
  request: ConsentRequest & { answer: ConsentAnswer },
  { clientId, identity }: AskedFor,
): Promise<void> {
  const { ctx, session, answer } = request;
  noteStep(context, request, 'consent_denied', clientId);
  const team = session.teams.find(({ id }) => id === answer['team']) ?? session.teams[0];
  if (!team) return;
  await recordActivity(context, {
    caller: { kind: 'person', teamId: team.id, personId: session.personId, role: team.role },
    action: 'connection.denied',
    target: clientId,
    result: 'ok',
    address: ctx.ip,
    detail: { clientName: identity.displayName, redirectHost: identity.redirect.host },
  });
}

function noteStep(
  context: Context,
  { ctx, session }: ConsentRequest,
  kind: 'consent_shown' | 'consent_denied',
  clientId: string,
): void {
  const userAgent = ctx.get('user-agent');
  context.clientEvents.record({ kind, clientId, personId: session.personId, address: ctx.ip, userAgent });
}

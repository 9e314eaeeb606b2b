import type { Context as KoaContext } from 'koa';
import type Provider from 'oidc-provider';

import type { Context } from '../context.ts';
import { csrfTokenOf } from '../http/csrf.ts';
import { renderPage } from '../http/render.ts';
import { parseScopes, PRESET_IDS, SCOPE_LABELS, type PresetId, type Scope } from '../scopes.ts';
import type { Session } from '../teams/sessions.ts';
import { ConsentPage } from '../../views/consent.ts';

import { displayClientName } from './client-name.ts';
import { connectClient } from './connect-client.ts';
import { grantScopes, offerPresets, preselectPreset } from './consent-offer.ts';
import { leaveFor, type Interaction } from './interaction.ts';
import { describeRedirect } from './redirect-policy.ts';
import { renderStartAgain } from './render-problem.ts';

export interface ConsentRequest {
  ctx: KoaContext;
  interaction: Interaction;
  session: Session;
}

/** What the person answered; anything may be missing or made up. */
export interface ConsentAnswer {
  team?: string;
  preset?: string;
  decision?: string;
}

/** Shows who asks for what. */
export async function showConsent(
  context: Context,
  provider: Provider,
  request: ConsentRequest & { answer?: ConsentAnswer; problem?: string },
): Promise<void> {
  const { ctx, interaction, session, answer = {}, problem } = request;
  const asked = await readRequest(provider, interaction);
  if (!asked) return renderStartAgain(ctx);
  const isOnlyViewer = session.teams.every((team) => team.role === 'viewer');
  const offered = offerPresets(isOnlyViewer ? onlyReading(asked.requested) : asked.requested);
  const chosen = offered.find(({ id }) => id === answer.preset)?.id ?? preselectPreset(offered);
  const page = ConsentPage({
    clientName: asked.clientName,
    redirectHost: asked.redirectHost,
    isOnThisComputer: asked.isOnThisComputer,
    personName: session.name,
    teams: session.teams.map(({ id, name, role }) => ({
      id,
      label: role === 'viewer' && !isOnlyViewer ? `${name} (you can only look there, so can it)` : name,
    })),
    selectedTeamId: answer.team,
    presets: offered.map(({ id, label, scopes }) => ({
      id,
      label,
      permissions: scopes.map((scope) => SCOPE_LABELS[scope]),
    })),
    selectedPresetId: chosen,
    csrfToken: csrfTokenOf(ctx, context),
    action: ctx.path,
    problem:
      session.teams.length === 0 ? 'You are in no team yet. Ask an owner of a team to add you.' : problem,
  });
  renderPage(ctx, page, problem ? 400 : 200);
}

/** The person's yes becomes a connection; anything that is not a clear yes is a no. */
export async function answerConsent(
  context: Context,
  provider: Provider,
  request: ConsentRequest & { answer: ConsentAnswer },
): Promise<void> {
  const { ctx, interaction, session, answer } = request;
  if (answer.decision !== 'allow') {
    const denied = { error: 'access_denied', error_description: 'the person did not allow it' };
    await provider.interactionResult(ctx.req, ctx.res, denied, { mergeWithLastSubmission: false });
    return leaveFor(ctx, interaction.uid);
  }
  const asked = await readRequest(provider, interaction);
  if (!asked) return renderStartAgain(ctx);
  const team = session.teams.find(({ id }) => id === answer.team);
  if (!team) return showConsent(context, provider, { ...request, problem: 'Choose one of your teams.' });
  if (!isPresetId(answer.preset)) {
    return showConsent(context, provider, { ...request, problem: 'Choose what it may do.' });
  }
  const { requested } = asked;
  const granted = grantScopes({ presetId: answer.preset, requested, role: team.role });
  if (granted.length === 0) {
    const problem = 'The app asked for nothing that this choice allows. Choose another one, or deny.';
    return showConsent(context, provider, { ...request, problem });
  }
  const grantId = await connectClient(context, provider, {
    ...asked,
    personId: session.personId,
    teamId: team.id,
    granted,
  });
  await provider.interactionResult(
    ctx.req,
    ctx.res,
    { consent: { grantId } },
    { mergeWithLastSubmission: true },
  );
  leaveFor(ctx, interaction.uid);
}

interface AskedFor {
  clientId: string;
  clientName: string;
  redirectHost: string;
  isOnThisComputer: boolean;
  requested: Scope[];
  protocolScopes: string[];
}

/** From the parameters, not from the prompt's details: those leave out what an earlier answer rejected. */
async function readRequest(provider: Provider, interaction: Interaction): Promise<AskedFor | null> {
  const {
    client_id: clientId,
    redirect_uri: redirectUri,
    scope = '',
  } = interaction.params as Record<string, string>;
  const client = clientId === undefined ? undefined : await provider.Client.find(clientId);
  if (!client || redirectUri === undefined) return null;
  const { host, isOnThisComputer } = describeRedirect(redirectUri);
  return {
    clientId: client.clientId,
    clientName: displayClientName(client.clientName),
    redirectHost: host,
    isOnThisComputer,
    requested: parseScopes(scope),
    protocolScopes: ['openid', 'offline_access'].filter((name) => scope.split(' ').includes(name)),
  };
}

function onlyReading(scopes: readonly Scope[]): Scope[] {
  return scopes.filter((scope) => scope.endsWith(':read'));
}

function isPresetId(value: string | undefined): value is PresetId {
  return (PRESET_IDS as readonly (string | undefined)[]).includes(value);
}

import { createHash } from 'node:crypto';

import type { Context } from '../context.ts';
import { csrfTokenOf } from '../http/csrf.ts';
import { pickWords } from '../http/language.ts';
import { renderPage } from '../http/render.ts';
import { withImplied, withoutImplied, type Preset, type Scope } from '../scopes.ts';
import type { SessionTeam } from '../teams/sessions.ts';
import type { ConsentClient } from '../../views/consent-client.ts';
import type { PermissionGroup, TeamChannels } from '../../views/consent-details.ts';
import type { TeamReplacements } from '../../views/consent-replace.ts';
import { ConsentPage } from '../../views/consent.ts';
import type { ConsentProblem, Words } from '../../views/words/words.ts';

import type { ClientIdentity } from './client-identity.ts';
import { FIELDS, hasDetails, type ConsentAnswer } from './consent-answer.ts';
import { offerPresets, preselectPreset } from './consent-offer.ts';
import type { AskedFor, ConsentRequest } from './consent-request.ts';
import { isReplacedByDefault, type EarlierConnection } from './earlier-connections.ts';

const HUES = 8;

/** The page with what was answered before, if anything, or else with what most people would answer. */
export async function renderConsent(
  context: Context,
  request: ConsentRequest & { answer?: ConsentAnswer; problem?: ConsentProblem },
  asked: AskedFor,
): Promise<void> {
  const { ctx, session, answer } = request;
  const words = pickWords(ctx);
  const { teams } = session;
  const isOnlyViewer = teams.every((team) => team.role === 'viewer');
  const offered = offerPresets(isOnlyViewer ? onlyReading(asked.requested) : asked.requested);
  const before = asked.earlier.find(({ reason }) => reason === 'step_up') ?? findSameClient(asked.earlier);
  const isStepUp = before?.reason === 'step_up';
  const usualPresetId = preselectPreset(offered, before && { scopes: before.scopes, isStepUp });
  const problem = teams.length === 0 ? 'no_team' : request.problem;
  const isTicked = (name: string, usually: boolean) =>
    answer && hasDetails(answer) ? answer[name] !== undefined : usually;
  const page = ConsentPage({
    words,
    client: toClient(asked.identity),
    personName: session.name,
    teams: teams.map((team) => ({ id: team.id, label: labelTeam(words, team, isOnlyViewer) })),
    selectedTeamId: answer?.['team'] ?? before?.teamId,
    presetIds: offered.map(({ id }) => id),
    permissionsOf: Object.fromEntries(offered.map(({ id, scopes }) => [id, withoutImplied(scopes)])),
    selectedPresetId: offered.find(({ id }) => id === answer?.['preset'])?.id ?? usualPresetId,
    newScopes: isStepUp ? findNew(offered, before) : [],
    replacements: teams.flatMap((team, at) => toReplacements(words, asked.earlier, team, at, isTicked)),
    groups: toGroups(offered, isTicked),
    channels: offered.some(({ scopes }) => scopes.includes('posts:publish'))
      ? await listTeamChannels(context, teams, isTicked)
      : null,
    postsPerDay: answer?.['posts_per_day'] ?? '',
    until: answer?.['until'] ?? '',
    marker: FIELDS.hasDetails,
    csrfToken: csrfTokenOf(ctx, context),
    action: ctx.path,
    problem,
  });
  renderPage(ctx, page, problem ? 400 : 200);
}

/** Whether a box is ticked: as it was sent, or as it usually is. */
type IsTicked = (name: string, usually: boolean) => boolean;

/** A name is too little to go by: whoever copies it must not be led to where the real one is. */
function findSameClient(earlier: readonly EarlierConnection[]): EarlierConnection | undefined {
  return earlier.find(({ reason }) => reason === 'same_registration' || reason === 'same_document');
}

function findNew(offered: readonly Preset[], before: EarlierConnection): Scope[] {
  const held = withImplied(before.scopes);
  return (offered.at(-1)?.scopes ?? []).filter((scope) => !held.includes(scope));
}

function toClient({ name, standing, verifiedHost, redirect }: ClientIdentity): ConsentClient {
  const seal = verifiedHost === null || standing !== 'verified' ? null : verifiedHost;
  return {
    name: name.text,
    known: name.known,
    standing,
    redirectHost: redirect.host,
    isOnThisComputer: redirect.isOnThisComputer,
    seal: seal === null ? null : { host: seal, initial: initialOf(name.text || seal), hue: hueOf(seal) },
  };
}

function initialOf(text: string): string {
  const [first] = new Intl.Segmenter().segment(text);
  return (first?.segment ?? '').toUpperCase();
}

function hueOf(host: string): number {
  return createHash('sha256').update(host).digest()[0]! % HUES;
}

function labelTeam(words: Words, { name, role }: SessionTeam, isOnlyViewer: boolean): string {
  return role === 'viewer' && !isOnlyViewer ? words.consent.onlyLooking(name) : name;
}

function toReplacements(
  words: Words,
  earlier: readonly EarlierConnection[],
  team: SessionTeam,
  at: number,
  isTicked: IsTicked,
): TeamReplacements[] {
  // As times are written on every other page.
  const format = new Intl.DateTimeFormat(words.language === 'en' ? 'en-GB' : words.language, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: team.timeZone,
    timeZoneName: 'short',
  });
  const own = earlier.filter(({ teamId }) => teamId === team.id);
  if (own.length === 0) return [];
  const connections = own.map((connection) => ({
    field: FIELDS.replace(connection.id),
    isTicked: isTicked(FIELDS.replace(connection.id), isReplacedByDefault(connection)),
    madeOn: format.format(connection.createdAt),
    lastUsedOn: connection.lastUsedAt && format.format(connection.lastUsedAt),
    waitingPosts: connection.waitingPosts,
    reason: connection.reason,
  }));
  return [{ teamNo: at + 1, teamName: team.name, connections }];
}

/** What each preset adds to the one before it, so that the style sheet can show what belongs to the chosen one. */
function toGroups(offered: readonly Preset[], isTicked: IsTicked): PermissionGroup[] {
  return offered.map(({ id, scopes }, at) => ({
    presetId: id,
    permissions: scopes
      .filter((scope) => !offered[at - 1]?.scopes.includes(scope))
      .map((scope) => ({ scope, field: FIELDS.scope(scope), isTicked: isTicked(FIELDS.scope(scope), true) })),
  }));
}

async function listTeamChannels(
  context: Context,
  teams: readonly SessionTeam[],
  isTicked: IsTicked,
): Promise<TeamChannels[]> {
  const channels = await context.db.channel.findMany({
    where: { teamId: { in: teams.map(({ id }) => id) }, disconnectedAt: null },
    select: { id: true, teamId: true, network: true, handle: true },
    orderBy: [{ network: 'asc' }, { handle: 'asc' }, { id: 'asc' }],
  });
  return teams.map((team, at) => ({
    teamNo: at + 1,
    teamName: team.name,
    channels: channels
      .filter(({ teamId }) => teamId === team.id)
      .map(({ id, network, handle }) => ({
        ...{ network, handle, field: FIELDS.channel(id) },
        isTicked: isTicked(FIELDS.channel(id), true),
      })),
  }));
}

function onlyReading(scopes: readonly Scope[]): Scope[] {
  return scopes.filter((scope) => scope.endsWith(':read'));
}

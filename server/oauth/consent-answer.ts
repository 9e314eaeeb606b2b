import type { Context } from '../context.ts';
import { readMoment } from '../posts/post-time.ts';
import type { PublishingPolicy } from '../policy/publishing-policy.ts';
import { PRESET_IDS, SCOPES, type PresetId, type Scope } from '../scopes.ts';
import type { Session, SessionTeam } from '../teams/sessions.ts';
import type { ConsentProblem } from '../../views/words/words.ts';

import { narrowScopes, scopesOfChoice } from './consent-offer.ts';
import type { AskedFor } from './consent-request.ts';

/** The form as it was sent; anything may be missing or made up. */
export type ConsentAnswer = Readonly<Record<string, string | undefined>>;

/** What the details' boxes are called. The form's marker tells an unticked box from one that the form did not have. */
export const FIELDS = {
  hasDetails: 'details',
  scope: (scope: Scope) => `scope.${scope}`,
  channel: (channelId: string) => `channel.${channelId}`,
  replace: (connectionId: string) => `replace.${connectionId}`,
} as const;

export interface ConsentChoice {
  team: SessionTeam;
  granted: Scope[];
  policy: PublishingPolicy | null;
  replacedIds: string[];
}

const MAX_POSTS_PER_DAY = 500;

/** What the answer means, or what is wrong with it. */
export async function readChoice(
  context: Context,
  { session, asked, answer }: { session: Session; asked: AskedFor; answer: ConsentAnswer },
): Promise<ConsentChoice | { problem: ConsentProblem }> {
  const team = session.teams.find(({ id }) => id === answer['team']);
  if (!team) return { problem: 'team' };
  const presetId = answer['preset'];
  if (!isPresetId(presetId)) return { problem: 'preset' };
  const chosen = scopesOfChoice({ presetId, requested: asked.requested, role: team.role });
  if (chosen.length === 0) return { problem: 'nothing_allowed' };
  const granted = hasDetails(answer) ? narrowScopes(chosen, tickedScopes(answer)) : chosen;
  if (granted.length === 0) return { problem: 'no_permission' };
  const replacedIds = asked.earlier
    .filter(({ id, teamId }) => teamId === team.id && answer[FIELDS.replace(id)] !== undefined)
    .map(({ id }) => id);
  if (!granted.includes('posts:publish')) return { team, granted, policy: null, replacedIds };
  const policy = await readPolicy(context, { session, team, answer });
  return 'problem' in policy ? policy : { team, granted, policy, replacedIds };
}

export function hasDetails(answer: ConsentAnswer): boolean {
  return answer[FIELDS.hasDetails] !== undefined;
}

function tickedScopes(answer: ConsentAnswer): Scope[] {
  return SCOPES.filter((scope) => answer[FIELDS.scope(scope)] !== undefined);
}

async function readPolicy(
  context: Context,
  { session, team, answer }: { session: Session; team: SessionTeam; answer: ConsentAnswer },
): Promise<PublishingPolicy | { problem: ConsentProblem }> {
  const channels = await context.db.channel.findMany({
    where: { teamId: { in: session.teams.map(({ id }) => id) }, disconnectedAt: null },
    select: { id: true, teamId: true },
  });
  const ownIds = channels.filter(({ teamId }) => teamId === team.id).map(({ id }) => id);
  if (!hasDetails(answer)) return { channelIds: ownIds, postsPerDay: null, until: null };
  const prefix = FIELDS.channel('');
  const tickedIds = Object.keys(answer)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length));
  if (tickedIds.some((id) => !channels.some((channel) => channel.id === id))) {
    return { problem: 'unknown_channel' };
  }
  // The form lists the channels of every team of the person; only those of the chosen one count.
  const channelIds = ownIds.filter((id) => tickedIds.includes(id));
  if (channelIds.length === 0 && ownIds.length > 0) return { problem: 'no_channel' };
  const perDay = (answer['posts_per_day'] ?? '').trim();
  const postsPerDay = perDay === '' ? null : Number(perDay);
  if (
    postsPerDay !== null &&
    !(/^\d{1,3}$/.test(perDay) && postsPerDay >= 1 && postsPerDay <= MAX_POSTS_PER_DAY)
  ) {
    return { problem: 'posts_per_day' };
  }
  const lastDay = (answer['until'] ?? '').trim();
  const until = lastDay === '' ? null : readEndOfDay(lastDay, team.timeZone);
  if (until === 'unreadable') return { problem: 'until' };
  if (until && (await hasPassed(context, until))) return { problem: 'until_passed' };
  return { channelIds, postsPerDay, until };
}

/** The first moment of the day after, in the team's zone. */
function readEndOfDay(day: string, timeZone: string): Date | 'unreadable' {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(day) ? new Date(`${day}T00:00:00Z`) : null;
  if (!date || Number.isNaN(date.getTime()) || !date.toISOString().startsWith(day)) return 'unreadable';
  const next = new Date(date.getTime() + 86_400_000).toISOString();
  return next.startsWith('+') ? 'unreadable' : readMoment(next.slice(0, 10), timeZone, 'until');
}

async function hasPassed(context: Context, at: Date): Promise<boolean> {
  const [row] = await context.db.$queryRaw<{ hasPassed: boolean }[]>`
    select ${at}::timestamptz <= clock_timestamp() as "hasPassed"`;
  return row?.hasPassed ?? true;
}

function isPresetId(value: string | undefined): value is PresetId {
  return (PRESET_IDS as readonly (string | undefined)[]).includes(value);
}

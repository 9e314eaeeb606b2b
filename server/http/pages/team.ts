import type Router from '@koa/router';

import { ChangeZoneView } from '../../../views/change-zone.ts';
import { html } from '../../../views/html.ts';
import { TeamView, type TeamViewProps } from '../../../views/team.ts';
import type { Context } from '../../context.ts';
import type { DeliveryState } from '../../deliveries/delivery-state.ts';
import { isAppError } from '../../errors.ts';
import { listPosts } from '../../posts/list-posts.ts';
import { changeTeam, type TeamChanges } from '../../teams/change-team.ts';
import { assertOwner } from '../../teams/members.ts';
import { getTeamFacts } from '../../teams/team-facts.ts';
import { LANGUAGES, parseLanguage } from '../../teams/team-language.ts';
import { parseTeamName, parseTimeZone } from '../../teams/teams.ts';
import { readDoneNotice, redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

const ON_THE_CALENDAR: DeliveryState[] = ['awaiting_approval', 'scheduled', 'held'];
const BEGINNING = '1970-01-01';
const MOST_POSTS = 5;

/** The team that a person looks at, and what is set for all of it. */
export function addTeamPages(router: Router, context: Context): void {
  router.post(
    '/team',
    // Which team it is, is read and remembered as of every form.
    signedIn(context, async ({ ctx }) => {
      ctx.status = 303;
      ctx.redirect('/');
    }),
  );

  router.get(
    '/team',
    signedIn(context, (page) => showTeam(page, {})),
  );

  router.post('/team/settings', signedIn(context, changeSettings));
}

async function changeSettings(page: SignedInPage): Promise<void> {
  const { ctx, context, caller, team } = page;
  const values = {
    name: formField(ctx, 'teamName'),
    timeZone: formField(ctx, 'timeZone'),
    language: formField(ctx, 'language'),
  };
  assertOwner(caller);
  try {
    const [name, timeZone] = [parseTeamName(values.name), parseTimeZone(values.timeZone)];
    const language = parseLanguage(values.language) ?? '';
    // Who saw what it does to the calendar says which zone it was instead of; another one meanwhile is asked about again.
    if (timeZone !== team.timeZone && formField(ctx, 'instead') !== team.timeZone) {
      return await askForZone(page, { name, timeZone, language });
    }
    await changeTeam(context, caller, values);
    redirectDone(ctx, '/team', 'team_changed');
  } catch (error) {
    if (!isAppError(error, 'InvalidInput')) throw error;
    await showTeam(page, { values, problem: { field: error.details.field, message: error.message } });
  }
}

async function askForZone(
  { ctx, context, caller, viewer, team }: SignedInPage,
  changes: TeamChanges,
): Promise<void> {
  const filter = { states: ON_THE_CALENDAR, from: BEGINNING, limit: MOST_POSTS };
  const { items, nextCursor } = await listPosts(context, caller, filter);
  const view = html`<${ChangeZoneView}
    viewer=${viewer}
    changes=${changes}
    from=${team.timeZone}
    posts=${items}
    hasMore=${nextCursor !== null}
  />`;
  renderPage(ctx, view);
}

async function showTeam(
  { ctx, context, caller, viewer, team }: SignedInPage,
  extra: Pick<TeamViewProps, 'values' | 'problem'>,
): Promise<void> {
  const zones = new Set(['UTC', team.timeZone, ...Intl.supportedValuesOf('timeZone')]);
  const view = html`<${TeamView}
    viewer=${viewer}
    done=${readDoneNotice(ctx)}
    isOwner=${caller.role === 'owner'}
    timeZone=${team.timeZone}
    timeZones=${[...zones].toSorted()}
    languages=${LANGUAGES}
    facts=${await getTeamFacts(context, caller)}
    ...${extra}
  />`;
  renderPage(ctx, view, extra.problem ? 400 : 200);
}

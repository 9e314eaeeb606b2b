import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';

import { ActivityView, type ActivityFields } from '../../../views/activity.ts';
import { html } from '../../../views/html.ts';
import { foldActivity } from '../../activity/fold-activity.ts';
import { findActivityChoices } from '../../activity/find-choices.ts';
import type { ActivityGroup } from '../../activity/activity-groups.ts';
import type { ActivityFilter, ActivityRow } from '../../activity/list-activity.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { findRuleWords } from '../../policy/find-rule-words.ts';
import { readMoment } from '../../posts/post-time.ts';
import { cursorOf, pagerOf } from '../paging-links.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';
import { addActivityDayPages } from './activity-days.ts';

export function addActivityPages(router: Router, context: Context): void {
  router.get('/activity', signedIn(context, showActivity));
  addActivityDayPages(router, context);
}

async function showActivity({ ctx, context, caller, viewer, team }: SignedInPage): Promise<void> {
  const fields = readFields(ctx);
  const { filter, problem } = readFilter(fields, team.timeZone);
  const cursor = cursorOf(ctx);
  const [page, choices] = await Promise.all([
    foldActivity(context, caller, { ...filter, cursor }),
    findActivityChoices(context, caller),
  ]);
  const ruleIds = page.items.flatMap(({ rule }) => rule ?? []);
  const rules = await findRuleWords(context, caller, [...new Set(ruleIds)], team.timeZone);
  const maySee = (personId: string | null) => caller.role === 'owner' || personId === caller.personId;
  const query = new URLSearchParams(Object.entries(fields).filter(([, value]) => value)).toString();
  const view = html`<${ActivityView}
    viewer=${viewer}
    timeZone=${team.timeZone}
    fields=${fields}
    problem=${problem}
    choices=${choices}
    activities=${page.items.map((line) => ({
      ...line,
      rule: rules.get(line.rule ?? '') ?? null,
      about: aboutOf(line, maySee(line.personId)),
      address: maySee(line.personId) ? line.address : null,
    }))}
    isFiltered=${query !== ''}
    ...${pagerOf(ctx, query ? `/activity?${query}` : '/activity', page)}
  />`;
  renderPage(ctx, view);
}

/** The client or the e-mail address that a person dealt with; addresses are for who may see where somebody signs in. */
function aboutOf({ actor, action, clientName, detail }: ActivityRow, maySee: boolean): string | null {
  if (actor !== 'person') return null;
  if (action === 'member.invited') return maySee ? textOf(detail?.['email']) : null;
  return action.startsWith('connection.') ? (textOf(detail?.['clientName']) ?? clientName) : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

const FIELDS = ['who', 'client', 'connection', 'what', 'target', 'result', 'from', 'to'] as const;
const GROUPS: ReadonlySet<string> = new Set<ActivityGroup>([
  'tools',
  'posts',
  'connections',
  'people',
  'setup',
]);
const MAX_FIELD = 200;

function readFields(ctx: RouterContext): ActivityFields {
  const read = (name: string) => {
    const value = ctx.query[name];
    return typeof value === 'string' ? value.trim().slice(0, MAX_FIELD) : '';
  };
  return Object.fromEntries(FIELDS.map((name) => [name, read(name)])) as unknown as ActivityFields;
}

/** Days are those of the team's zone, and the last one counts as a whole. What cannot be read filters nothing. */
function readFilter(
  fields: ActivityFields,
  timeZone: string,
): { filter: Omit<ActivityFilter, 'limit'>; problem: string | undefined } {
  const filter: Omit<ActivityFilter, 'limit'> = {
    personId: fields.who || undefined,
    clientId: fields.client || undefined,
    connectionId: fields.connection || undefined,
    target: fields.target || undefined,
    group: GROUPS.has(fields.what) ? (fields.what as ActivityGroup) : undefined,
    result: fields.result === 'ok' || fields.result === 'not_ok' ? fields.result : undefined,
  };
  try {
    if (fields.from) filter.from = readDate(fields.from, timeZone, 0);
    if (fields.to) filter.to = readDate(fields.to, timeZone, 1);
    return { filter, problem: undefined };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { filter, problem: 'Give days as 2026-12-01.' };
  }
}

/** The first moment of the day that is so many days after this one. */
function readDate(text: string, timeZone: string, daysLater: number): Date {
  const day = readMoment(text, 'UTC', 'day');
  day.setUTCDate(day.getUTCDate() + daysLater);
  return readMoment(day.toISOString().slice(0, 10), timeZone, 'day');
}

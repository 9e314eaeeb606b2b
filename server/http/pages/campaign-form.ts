import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';

import { CampaignFormView, type BriefField, type TypedBrief } from '../../../views/campaign-form.ts';
import { html } from '../../../views/html.ts';
import { fromDate } from '../../campaigns/campaign-dates.ts';
import { createCampaign } from '../../campaigns/create-campaign.ts';
import { findCampaign, type CampaignDetails } from '../../campaigns/find-campaign.ts';
import { updateCampaign } from '../../campaigns/update-campaign.ts';
import { assertMayWrite } from '../../caller.ts';
import { listChannels } from '../../channels/list-channels.ts';
import type { Context } from '../../context.ts';
import { isAppError } from '../../errors.ts';
import { redirectDone } from '../done-notice.ts';
import { formField, formFields } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

const NEW: TypedBrief = {
  ...{ name: '', goal: '', audience: '', keyMessages: '', startsOn: '', endsOn: '' },
  channelIds: [],
};

/** Creating a campaign and changing its brief. Goes before the page of a campaign, whose address it would match. */
export function addCampaignFormPages(router: Router, context: Context): void {
  router.get(
    '/campaigns/new',
    signedIn(context, (page) => showForm(page, null, NEW)),
  );
  router.post('/campaigns/new', signedIn(context, create));
  router.get(
    '/campaigns/:id/edit',
    signedIn(
      context,
      async (page) => {
        const campaign = await findCampaign(context, page.caller, page.id);
        await showForm(page, campaign, toTyped(campaign));
      },
      'campaign',
    ),
  );
  router.post('/campaigns/:id/edit', signedIn(context, change, 'campaign'));
}

async function create(page: SignedInPage): Promise<void> {
  assertMayWrite(page.caller);
  const typed = readBrief(page.ctx);
  await attempt(page, null, typed, async () => {
    const { audience, startsOn, endsOn, ...brief } = toBrief(typed);
    const { campaignId } = await createCampaign(page.context, page.caller, {
      ...brief,
      audience: audience ?? undefined,
      startsOn: startsOn ?? undefined,
      endsOn: endsOn ?? undefined,
    });
    redirectDone(page.ctx, `/campaigns/${campaignId}`, 'campaign_created');
  });
}

async function change(page: SignedInPage): Promise<void> {
  const { ctx, context, caller, id } = page;
  assertMayWrite(caller);
  const typed = readBrief(ctx);
  await attempt(page, await findCampaign(context, caller, id), typed, async () => {
    const expectedRev = Number(formField(ctx, 'rev'));
    await updateCampaign(context, caller, { campaignId: id, expectedRev, changes: toBrief(typed) });
    redirectDone(ctx, `/campaigns/${id}`, 'campaign_changed');
  });
}

/** What cannot be saved is shown again as it was typed, with why. */
async function attempt(
  page: SignedInPage,
  campaign: CampaignDetails | null,
  typed: TypedBrief,
  save: () => Promise<void>,
): Promise<void> {
  const errors = findErrors(typed);
  if (Object.keys(errors).length > 0) {
    const problem = 'Some of it cannot stay like this: see below.';
    return showForm(page, campaign, typed, { problem, errors });
  }
  try {
    await save();
  } catch (error) {
    if (!isAppError(error, 'Conflict', 'InvalidInput', 'NotFound')) throw error;
    const { code, field } = error.details;
    const problem =
      code === 'stale_revision'
        ? 'Somebody changed the brief while you wrote. What you typed is still here; saving it now replaces theirs.'
        : error.message;
    await showForm(page, campaign, typed, {
      problem,
      errors: {
        ...(field === 'ends_on' && { endsOn: 'It ends before it starts.' }),
        ...(field === 'channel_ids' && { channels: error.message }),
      },
    });
  }
}

async function showForm(
  { ctx, context, caller, viewer }: SignedInPage,
  campaign: CampaignDetails | null,
  brief: TypedBrief,
  { problem, errors = {} }: { problem?: string; errors?: Partial<Record<BriefField, string>> } = {},
): Promise<void> {
  assertMayWrite(caller);
  const linked = await listChannels(context, caller, {});
  const channels = linked.map(({ id, ...channel }) => ({ ...channel, channelId: id }));
  const view = html`<${CampaignFormView}
    viewer=${viewer}
    campaign=${campaign}
    brief=${brief}
    channels=${channels}
    problem=${problem}
    errors=${errors}
  />`;
  renderPage(ctx, view, problem ? 409 : 200);
}

function toTyped(campaign: CampaignDetails): TypedBrief {
  const { name, goal, audience, keyMessages, startsOn, endsOn, channels } = campaign;
  return {
    ...{ name, goal, audience: audience ?? '', keyMessages: keyMessages.join('\n') },
    ...{ startsOn: fromDate(startsOn) ?? '', endsOn: fromDate(endsOn) ?? '' },
    channelIds: channels.filter(({ status }) => status !== 'disconnected').map(({ id }) => id),
  };
}

function readBrief(ctx: RouterContext): TypedBrief {
  const text = (name: string) => formField(ctx, name).replaceAll('\r\n', '\n');
  return {
    ...{ name: text('name'), goal: text('goal'), audience: text('audience') },
    ...{ keyMessages: text('keyMessages'), startsOn: text('startsOn'), endsOn: text('endsOn') },
    channelIds: formFields(ctx, 'channel'),
  };
}

function toBrief({ name, goal, audience, keyMessages, startsOn, endsOn, channelIds }: TypedBrief) {
  return {
    ...{ name: name.trim(), goal: goal.trim(), audience: audience.trim() || null },
    ...{ keyMessages: toLines(keyMessages), channelIds: [...channelIds] },
    ...{ startsOn: startsOn || null, endsOn: endsOn || null },
  };
}

function toLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The limits that tools have too. */
function findErrors(typed: TypedBrief): Partial<Record<BriefField, string>> {
  const errors: Partial<Record<BriefField, string>> = {};
  const { name, goal, audience, startsOn, endsOn } = toBrief(typed);
  if (name === '') errors.name = 'Give it a name.';
  if (name.length > 120) errors.name = 'At most 120 characters.';
  if (goal === '') errors.goal = 'Say what it is to achieve.';
  if (goal.length > 2000) errors.goal = 'At most 2000 characters.';
  if (audience && audience.length > 2000) errors.audience = 'At most 2000 characters.';
  const lines = toLines(typed.keyMessages);
  if (lines.length > 20) errors.keyMessages = 'At most 20 lines.';
  if (lines.some((line) => line.length > 500)) errors.keyMessages = 'At most 500 characters a line.';
  if (startsOn && !isDate(startsOn)) errors.startsOn = 'Give a date.';
  if (endsOn && !isDate(endsOn)) errors.endsOn = 'Give a date.';
  return errors;
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(text);
  return !Number.isNaN(at.getTime()) && fromDate(at) === text;
}

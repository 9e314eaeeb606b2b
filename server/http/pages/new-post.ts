import type Router from '@koa/router';

import { html } from '../../../views/html.ts';
import { NoCampaignView } from '../../../views/no-campaign.ts';
import { EditorBody, PostEditorView, type EditorBodyProps } from '../../../views/post-editor.ts';
import { findCampaign } from '../../campaigns/find-campaign.ts';
import { findCampaignChannels } from '../../campaigns/find-campaign-channels.ts';
import { listCampaigns } from '../../campaigns/list-campaigns.ts';
import { assertMayWrite, type PersonCaller } from '../../caller.ts';
import type { Context } from '../../context.ts';
import { invalidInput, isAppError } from '../../errors.ts';
import { createPost } from '../../posts/create-post.ts';
import { redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { renderFragment, renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

import { keptParts, partsOf, readPostDraft, type PostDraft } from './post-draft.ts';
import {
  findEditorChannels,
  reworkDraft,
  showDraft,
  toEditorBody,
  type EditorChannel,
} from './post-editor.ts';

const PATH = '/posts/new';
const MOST_CAMPAIGNS = 50;

/** Drafting a post in the browser. Goes before the page of a post, whose address it would match. */
export function addNewPostPage(router: Router, context: Context): void {
  router.get(
    PATH,
    signedIn(context, async (page) => {
      assertMayWrite(page.caller);
      const { campaign } = page.ctx.query;
      const campaignId = typeof campaign === 'string' ? campaign : '';
      const channels = await findEditorChannels(context, page.caller, null);
      // Those of the campaign are ticked to begin with.
      const chosen = await findCampaignChannels(context, page.caller, campaignId);
      await showForm(page, channels, {
        ...{ campaignId, text: '', mediaIds: [], query: '', captions: new Map() },
        channelIds: channels.map(({ channelId }) => channelId).filter((id) => chosen.has(id)),
      });
    }),
  );

  router.post(
    PATH,
    signedIn(context, async (page) => {
      const { channels, draft } = await readForm(page);
      const pressed = formField(page.ctx, 'do') || 'save';
      if (pressed === 'save') return save(page, channels, draft);
      const shown = await showDraft(context, page.caller, draft, channels, []);
      await showForm(page, channels, reworkDraft(shown, pressed) ?? draft, { isUnsaved: true });
    }),
  );

  router.post(
    `${PATH}/check`,
    signedIn(context, async (page) => {
      const { channels, draft } = await readForm(page);
      const body = await toBody(page, channels, draft, {});
      renderFragment(page.ctx, html`<${EditorBody} ...${body} />`);
    }),
  );
}

async function readForm({ ctx, context, caller }: SignedInPage) {
  assertMayWrite(caller);
  const channels = await findEditorChannels(context, caller, null);
  const draft = readPostDraft(
    ctx,
    channels.map(({ channelId }) => channelId),
  );
  return { channels, draft };
}

async function save(page: SignedInPage, channels: readonly EditorChannel[], draft: PostDraft): Promise<void> {
  const { channelIds, mediaIds } = draft;
  try {
    if (channelIds.length === 0) {
      throw invalidInput({
        code: 'no_channel',
        field: 'channel_ids',
        message: 'A post goes to one channel at least. Tick one.',
      });
    }
    const captions = channelIds.map((channelId) => ({
      channelId,
      parts: keptParts(partsOf(draft, channelId)),
    }));
    const [first] = captions;
    const isOneText = captions.every(({ parts }) => parts.length === 1 && parts[0] === first?.parts[0]);
    const { postId } = await createPost(page.context, page.caller, {
      ...{ campaignId: draft.campaignId, channelIds, mediaIds, overrides: captions },
      text: isOneText ? first!.parts[0]! : draft.text || first!.parts[0]!,
    });
    redirectDone(page.ctx, `/posts/${postId}`, 'drafted');
  } catch (error) {
    if (!isAppError(error, 'Conflict', 'InvalidInput', 'NotFound', 'Unavailable')) throw error;
    const { field } = error.details;
    await showForm(page, channels, draft, {
      isUnsaved: true,
      problem: error.message,
      status: error.kind === 'Unavailable' ? 503 : 409,
      errors: {
        ...(field === 'channel_ids' && { channels: error.message }),
        ...(field === 'campaign_id' && { campaign: error.message }),
      },
    });
  }
}

async function showForm(
  page: SignedInPage,
  channels: readonly EditorChannel[],
  draft: PostDraft,
  {
    isUnsaved = false,
    problem,
    status = 409,
    errors = {},
  }: {
    isUnsaved?: boolean;
    problem?: string;
    status?: 409 | 503;
    errors?: EditorBodyProps['errors'];
  } = {},
): Promise<void> {
  const body = await toBody(page, channels, draft, errors);
  const { viewer } = page;
  if (body.fresh.campaigns.length === 0) {
    renderPage(page.ctx, html`<${NoCampaignView} viewer=${viewer} />`);
    return;
  }
  const isOfCampaign = body.fresh.campaigns.some(({ id }) => id === draft.campaignId);
  const back = isOfCampaign
    ? { href: `/campaigns/${draft.campaignId}`, label: 'The campaign' }
    : { href: '/posts', label: 'Posts' };
  const view = html`<${PostEditorView}
    ...${body}
    viewer=${viewer}
    back=${back}
    seen=${null}
    isScheduled=${false}
    isUnsaved=${isUnsaved}
    problem=${problem}
    meanwhile=${null}
    tooLate=${[]}
  />`;
  renderPage(page.ctx, view, problem ? status : 200);
}

async function toBody(
  { context, caller }: SignedInPage,
  channels: readonly EditorChannel[],
  draft: PostDraft,
  errors: EditorBodyProps['errors'],
) {
  const shown = await showDraft(context, caller, draft, channels, []);
  const { campaigns, isArchived } = await findChoices(context, caller, draft.campaignId);
  const fresh = { campaigns, campaignId: draft.campaignId || (campaigns[0]?.id ?? ''), text: draft.text };
  return {
    ...(await toEditorBody(context, caller, shown, {
      ...{ action: PATH, fresh, channels },
      errors: { ...(isArchived && { campaign: ARCHIVED }), ...errors },
    })),
    fresh,
  };
}

const ARCHIVED = 'This campaign is archived and takes no posts. Choose another one.';

/** The newest campaigns, and the chosen one however old it is: an archived one too, so that no other is chosen unasked. */
async function findChoices(context: Context, caller: PersonCaller, chosenId: string) {
  const { items } = await listCampaigns(context, caller, { limit: MOST_CAMPAIGNS });
  const campaigns = items.map(({ id, name }) => ({ id, name }));
  if (chosenId === '' || campaigns.some(({ id }) => id === chosenId)) return { campaigns, isArchived: false };
  const chosen = await findCampaign(context, caller, chosenId).catch((error: unknown) => {
    if (isAppError(error, 'NotFound')) return null;
    throw error;
  });
  if (chosen) campaigns.push({ id: chosen.id, name: chosen.name });
  return { campaigns, isArchived: chosen?.status === 'archived' };
}

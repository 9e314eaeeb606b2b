import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';

import { html } from '../../../views/html.ts';
import { SettleDeliveryView } from '../../../views/settle-delivery.ts';
import { TakeDownView } from '../../../views/take-down.ts';
import type { Context } from '../../context.ts';
import { placesOf } from '../../deliveries/decide-post.ts';
import { OVER_STATES } from '../../deliveries/delivery-state.ts';
import { findLive } from '../../deliveries/find-live.ts';
import { findSettlement } from '../../deliveries/find-settlement.ts';
import { RESOLVE_ACTIONS, resolveDelivery, type ShownRevision } from '../../deliveries/resolve-delivery.ts';
import { takeDownPost } from '../../deliveries/take-down-post.ts';
import { type AppError, invalidInput, isAppError } from '../../errors.ts';
import { getPost } from '../../posts/get-post.ts';
import { showPictures } from '../../posts/show-pictures.ts';
import { redirectDone } from '../done-notice.ts';
import { formField, formFields } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

/** What a person does about a post that stopped, or that is live and should not be. */
export function addSettlePages(router: Router, context: Context): void {
  const settle = '/posts/:id/settle/:channelId';
  router.get(
    settle,
    signedIn(context, (page) => showSettlement(page), 'post'),
  );
  router.post(
    settle,
    signedIn(context, (page) => settleDelivery(page), 'post'),
  );
  router.get(
    '/posts/:id/take-down',
    signedIn(context, (page) => showTakeDown(page), 'post'),
  );
  router.post(
    '/posts/:id/take-down',
    signedIn(context, (page) => takeDown(page), 'post'),
  );
}

async function showSettlement(page: SignedInPage, error?: AppError): Promise<void> {
  const { ctx, context, caller, viewer, id } = page;
  const channelId = ctx.params['channelId'] ?? '';
  const settlement = await findSettlement(context, caller, { postId: id, channelId });
  const post = await getPost(context, caller, { postId: id });
  const view = html`<${SettleDeliveryView}
    viewer=${viewer}
    settlement=${settlement}
    post=${post}
    open=${post.deliveries.filter(({ state }) => !OVER_STATES.has(state))}
    contents=${await showPictures(context, post)}
    otherPlaces=${placesOf(post.deliveries.filter((delivery) => delivery.channelId !== channelId))}
    error=${error && { field: error.details.field, message: error.message }}
    permalink=${error && formField(ctx, 'permalink')}
  />`;
  renderPage(ctx, view, error ? (error.kind === 'InvalidInput' ? 400 : 409) : 200);
}

async function settleDelivery(page: SignedInPage): Promise<void> {
  const { ctx, context, caller, id } = page;
  const action = RESOLVE_ACTIONS.find((one) => one === formField(ctx, 'action'));
  if (!action) throw incomplete();
  const input = {
    postId: id,
    channelId: ctx.params['channelId'] ?? '',
    action,
    permalink: formField(ctx, 'permalink').trim() || undefined,
    isConfirmed: formField(ctx, 'confirmed') === 'yes',
    // Sending it again is a yes to what the page showed.
    ...(action === 'retry' && { shown: readShown(ctx) }),
  };
  try {
    await resolveDelivery(context, caller, input);
    redirectDone(ctx, `/posts/${id}`, `settled_${action}`);
  } catch (error) {
    if (!isAppError(error, 'Conflict', 'InvalidInput')) throw error;
    await showSettlement(page, error);
  }
}

function readShown(ctx: RouterContext): ShownRevision {
  return {
    rev: Number(formField(ctx, 'rev')),
    contentHash: formField(ctx, 'content_hash'),
    otherPlaces: formField(ctx, 'places'),
  };
}

type Results = Awaited<ReturnType<typeof takeDownPost>>['perChannel'];

async function showTakeDown(page: SignedInPage, results: Results = [], reason?: string): Promise<void> {
  const { ctx, context, caller, viewer, id } = page;
  const live = await findLive(context, caller, { postId: id });
  const channels = live
    .filter(({ isTakenDown }) => !isTakenDown)
    .map(({ channelId, network, handle, url }) => ({ channelId, network, handle, url }));
  const props = { viewer, postId: id, channels, results, reason };
  renderPage(ctx, html`<${TakeDownView} ...${props} />`);
}

async function takeDown(page: SignedInPage): Promise<void> {
  const { ctx, context, caller, id } = page;
  const typed = formField(ctx, 'reason').trim().slice(0, 300);
  const reason = typed || 'No reason given.';
  // What went live since is no part of what the page listed.
  const onlyChannelIds = formFields(ctx, 'channel');
  if (onlyChannelIds.length === 0) throw incomplete();
  const { perChannel } = await takeDownPost(context, caller, { postId: id, onlyChannelIds, reason });
  if (perChannel.every(({ state }) => state === 'removed')) redirectDone(ctx, `/posts/${id}`, 'taken_down');
  else await showTakeDown(page, perChannel, typed);
}

function incomplete() {
  return invalidInput({ code: 'incomplete_form', message: 'This form is not complete. Open it again.' });
}

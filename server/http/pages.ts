import Router from '@koa/router';
import type { Middleware } from 'koa';

import type { Context } from '../context.ts';

import { createAssets } from './assets.ts';
import { requireOwnForm } from './csrf.ts';
import { createErrorPage } from './error-page.ts';
import { createFormBody } from './form-body.ts';
import { createLiveStreams } from './live-streams.ts';
import { createMediaUploads } from './media-uploads.ts';
import { addAccountPages } from './pages/account.ts';
import { addActivityPages } from './pages/activity.ts';
import { addAnalyticsPages } from './pages/analytics.ts';
import { addApprovalPages } from './pages/approval.ts';
import { addCalendarPages } from './pages/calendar.ts';
import { addCampaignFormPages } from './pages/campaign-form.ts';
import { addCampaignPages } from './pages/campaigns.ts';
import { addChannelPages } from './pages/channels.ts';
import { addCompanySignInPages } from './pages/company-sign-in.ts';
import { addConnectionPolicyPage } from './pages/connection-policy.ts';
import { addConnectionPages } from './pages/connections.ts';
import { addDesignPage } from './pages/design.ts';
import { addEditPostPage } from './pages/edit-post.ts';
import { addHomePage } from './pages/home.ts';
import { addInvitationPages } from './pages/invitation.ts';
import { addLetInPages } from './pages/let-in.ts';
import { addLinkChannelPages } from './pages/link-channel.ts';
import { addLivePage } from './pages/live.ts';
import { addMediaFiles } from './pages/media-files.ts';
import { addMediaPages, MEDIA_UPLOAD_PATH } from './pages/media.ts';
import { addMovePostPages } from './pages/move-post.ts';
import { addNewPostPage } from './pages/new-post.ts';
import { addPeoplePages } from './pages/people.ts';
import { addPlaygroundPages } from './pages/playground.ts';
import { addPolicyPages } from './pages/policy.ts';
import { addPostHistoryPage } from './pages/post-history.ts';
import { addPostPages } from './pages/posts.ts';
import { addQueueSlotPages } from './pages/queue-slots.ts';
import { addSetUpPages } from './pages/set-up.ts';
import { addSettlePages } from './pages/settle.ts';
import { addSignInPages } from './pages/sign-in.ts';
import { addStopPages } from './pages/stops.ts';
import { addTeamPages } from './pages/team.ts';
import { addThemePage } from './pages/theme.ts';
import { addTrashPages } from './pages/trash.ts';
import { addWebhookPages } from './pages/webhooks.ts';
import { createPublicMedia } from './public-media.ts';
import { createSecurityHeaders } from './security-headers.ts';
import { createSession } from './session.ts';
import { createSignInLimits } from './sign-in-limits.ts';
import { createUploadForm } from './upload-form.ts';
import { createUrlGuard } from './url-guard.ts';

/**
 * Everything that a browser sees, in order: headers, errors, who is there, files, pages. What no page answers goes on to
 * the next middleware with headers, error page and `ctx.state.session` in place; its body has not been read.
 */
export function createPages(context: Context, live = createLiveStreams(context)): Middleware[] {
  return [
    createSecurityHeaders(context),
    createErrorPage(context),
    createUrlGuard(),
    createMediaUploads(context),
    createPublicMedia(context),
    createAssets(),
    createSession(context),
    createPageRouter(context, live).routes() as unknown as Middleware,
  ];
}

export function createPageRouter(context: Context, live = createLiveStreams(context)): Router {
  const router = new Router();
  router.use((ctx, next) => {
    ctx.set('Cache-Control', 'no-store');
    return next();
  });
  router.use(createUploadForm(context, [MEDIA_UPLOAD_PATH]) as never);
  router.use(createFormBody() as never, requireOwnForm(context) as never);
  addSetUpPages(router, context);
  const limits = createSignInLimits(context);
  addSignInPages(router, context, limits);
  addCompanySignInPages(router, context, limits);
  addInvitationPages(router, context);
  addLetInPages(router, context);
  addAccountPages(router, context, limits);
  addTeamPages(router, context);
  addThemePage(router, context);
  addHomePage(router, context);
  addLivePage(router, context, live);
  addNewPostPage(router, context);
  addPostPages(router, context);
  addSettlePages(router, context);
  addApprovalPages(router, context);
  addEditPostPage(router, context);
  addPostHistoryPage(router, context);
  addTrashPages(router, context);
  addCalendarPages(router, context);
  addMovePostPages(router, context);
  addCampaignFormPages(router, context);
  addCampaignPages(router, context);
  addConnectionPages(router, context);
  addConnectionPolicyPage(router, context);
  addPolicyPages(router, context);
  addWebhookPages(router, context);
  addStopPages(router, context);
  addChannelPages(router, context);
  addLinkChannelPages(router, context);
  addQueueSlotPages(router, context);
  addPlaygroundPages(router, context);
  addMediaPages(router, context);
  addMediaFiles(router, context);
  addActivityPages(router, context);
  addAnalyticsPages(router, context);
  addPeoplePages(router, context);
  addDesignPage(router, context);
  return router;
}

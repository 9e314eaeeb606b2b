import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import type { Middleware } from 'koa';

import { ChooseAccountView } from '../../../views/choose-account.ts';
import { html } from '../../../views/html.ts';
import { LeaveForNetworkView } from '../../../views/leave-for-network.ts';
import { LinkBlueskyView } from '../../../views/link-bluesky.ts';
import { LinkNetworkView } from '../../../views/link-network.ts';
import { LinkProblemView } from '../../../views/link-problem.ts';
import { priceWords } from '../../../views/price-words.ts';
import { assertMayWrite } from '../../caller.ts';
import { beginLink } from '../../channels/begin-link.ts';
import { chooseAccounts, findOfferedAccounts } from '../../channels/choose-account.ts';
import { findBegunLink } from '../../channels/find-begun-link.ts';
import { finishLink } from '../../channels/finish-link.ts';
import { linkGone, redirectUriOf } from '../../channels/link-attempt.ts';
import { listLinkable } from '../../channels/list-linkable.ts';
import type { Context } from '../../context.ts';
import { AppError, isAppError, notFound } from '../../errors.ts';
import { redirectDone } from '../done-notice.ts';
import { formField, formFields } from '../form-body.ts';
import { isPubliclyReachable } from '../../media/public-address.ts';
import { renderPage } from '../render.ts';
import { sessionOf } from '../session.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

/** Linking accounts on the networks' own pages. */
export function addLinkChannelPages(router: Router, context: Context): void {
  router.get('/channels/link/:network', signedIn(context, showNetwork));
  router.post('/channels/link/:network/begin', signedIn(context, begin));
  router.get('/channels/link/:network/client.json', (ctx) => {
    const clientDocument = context.networks.get(networkIn(ctx))?.link?.clientDocument;
    if (clientDocument !== undefined) ctx.body = clientDocument;
  });
  router.get('/channels/link/:network/callback', keepQuerySecret(context), signedIn(context, comeBack));
  router.get('/channels/accounts/:id', signedIn(context, showChoice, 'channelLink'));
  router.post('/channels/accounts/:id', signedIn(context, choose, 'channelLink'));
}

async function showNetwork(page: SignedInPage): Promise<void> {
  assertMayWrite(page.caller);
  const channelId = page.ctx.query['channel'];
  const relinks = typeof channelId === 'string' ? channelId : '';
  await renderNetwork(page, { relinks, answer: '' });
}

async function begin(page: SignedInPage): Promise<void> {
  const { ctx, context, caller, session } = page;
  const [answer, relinks] = [formField(ctx, 'answer'), formField(ctx, 'channel')];
  try {
    const network = networkIn(ctx);
    const { authorizeUrl } = await beginLink(context, caller, {
      ...{ network, answer, sessionToken: session.token },
      relinks: relinks || undefined,
    });
    renderPage(ctx, html`<${LeaveForNetworkView} network=${network} href=${authorizeUrl.href} />`);
  } catch (error) {
    if (!isAppError(error, 'Conflict', 'InvalidInput', 'Unavailable')) throw error;
    await renderNetwork(page, { relinks, answer, problem: error });
  }
}

async function comeBack({ ctx, context, session, viewer, caller: looking }: SignedInPage): Promise<void> {
  const network = networkIn(ctx);
  const query = new URLSearchParams(ctx.querystring);
  const { personId, token: sessionToken } = session;
  const begun = await findBegunLink(context, { personId, state: query.get('state') ?? '' });
  try {
    const team = session.teams.find(({ id }) => id === begun?.teamId);
    if (!team) throw linkGone();
    const caller = { ...looking, teamId: team.id, role: team.role };
    const finished = await finishLink(context, caller, { network, sessionToken, query });
    if (finished.kind === 'to_choose') {
      ctx.status = 303;
      ctx.redirect(`/channels/accounts/${finished.linkId}`);
      return;
    }
    redirectDone(ctx, '/channels', doneCodeOf(finished.isOtherAccount));
  } catch (error) {
    if (!(error instanceof AppError) || error.kind === 'NotFound') throw error;
    const { code } = error.details;
    const isDenied = code === 'link_denied';
    const shown = { network, relinks: begun?.relinks ?? null, message: error.message, isDenied };
    const status = isDenied ? 200 : error.kind === 'Unavailable' ? 503 : 400;
    renderPage(ctx, html`<${LinkProblemView} viewer=${viewer} ...${shown} />`, status);
  }
}

async function showChoice({ ctx, context, caller, session, viewer, id }: SignedInPage): Promise<void> {
  const offered = await findOfferedAccounts(context, caller, { linkId: id, sessionToken: session.token });
  renderPage(ctx, html`<${ChooseAccountView} viewer=${viewer} linkId=${id} ...${offered} />`);
}

async function choose({ ctx, context, caller, session, viewer, id }: SignedInPage): Promise<void> {
  const key = { linkId: id, sessionToken: session.token };
  try {
    const remoteAccountIds = formFields(ctx, 'account');
    const { isOtherAccount } = await chooseAccounts(context, caller, { ...key, remoteAccountIds });
    redirectDone(ctx, '/channels', doneCodeOf(isOtherAccount));
  } catch (error) {
    if (!isAppError(error, 'InvalidInput')) throw error;
    const shown = { ...(await findOfferedAccounts(context, caller, key)), problem: error.message };
    renderPage(ctx, html`<${ChooseAccountView} viewer=${viewer} linkId=${id} ...${shown} />`, 400);
  }
}

async function renderNetwork(
  { ctx, context, caller, viewer }: SignedInPage,
  { relinks, answer, problem }: { relinks: string; answer: string; problem?: AppError },
): Promise<void> {
  const network = context.networks.get(networkIn(ctx));
  if (!network?.link) throw notFound({ code: 'not_found', message: 'There is no such network to link.' });
  const channel = relinks
    ? await context.db.channel.findFirst({
        where: { id: relinks, teamId: caller.teamId, network: network.id },
        select: { id: true, handle: true },
      })
    : null;
  const shown = {
    network: network.id,
    relinks: channel ? { channelId: channel.id, handle: channel.handle } : undefined,
    isProven: network.isProven,
    missingSettings: network.link.missingSettings,
    hasNoPictures: network.rules.pictures.areFetched === true && !isPubliclyReachable(context),
    price: priceWords(listLinkable(context).find(({ id }) => id === network.id)?.prices ?? null),
    needs: network.link.needs,
    asksFor: network.link.asksFor,
    redirectUri: redirectUriOf(context, network.id),
    answer: answer || (channel?.handle ?? ''),
    problem: problem && { field: problem.details.field, message: problem.message },
  };
  const status = !problem ? 200 : problem.kind === 'Unavailable' ? 503 : 400;
  if (network.id === 'bluesky') {
    const both = {
      ...{ relinks: shown.relinks, isOauthReady: shown.missingSettings.length === 0 },
      ...{ values: { handle: shown.answer, serviceUrl: '' }, oauthProblem: shown.problem },
    };
    renderPage(ctx, html`<${LinkBlueskyView} viewer=${viewer} ...${both} />`, status);
    return;
  }
  renderPage(ctx, html`<${LinkNetworkView} viewer=${viewer} ...${shown} />`, status);
}

/**
 * The address of a callback holds a code: whoever is not signed in signs in without it in the address (it would not count in
 * the new session anyway), and no page is told where the browser came from. A network that knows this machine by its number
 * alone comes back to that; the cookies are those of its name.
 */
function keepQuerySecret({ publicUrl }: Context): Middleware {
  const named = new URL(publicUrl);
  const numbered = named.hostname === 'localhost' ? publicUrl.replace('localhost', '127.0.0.1') : undefined;
  return async function guardCallback(ctx, next) {
    ctx.set('Referrer-Policy', 'no-referrer');
    if (sessionOf(ctx)) return next();
    ctx.status = 303;
    const isByNumber = numbered !== undefined && `${ctx.protocol}://${ctx.host}` === numbered;
    ctx.redirect(isByNumber ? `${publicUrl}${ctx.path}${ctx.search}` : '/sign-in?return_to=%2Fchannels');
  };
}

function networkIn(ctx: RouterContext): string {
  return ctx.params['network'] ?? '';
}

const doneCodeOf = (isOtherAccount: boolean) => (isOtherAccount ? 'linked_other' : 'linked');

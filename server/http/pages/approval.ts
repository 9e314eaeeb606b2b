import type Router from '@koa/router';

import type { ShownAsker } from '../../../views/approval-asker.ts';
import { ApprovalView, type ApprovalQueue } from '../../../views/approval.ts';
import { ApprovalsView } from '../../../views/approvals.ts';
import { html } from '../../../views/html.ts';
import { ENGLISH } from '../../../views/words/english.ts';
import type { PersonCaller } from '../../caller.ts';
import type { Context } from '../../context.ts';
import { approvePost } from '../../deliveries/approve-post.ts';
import { placesOf, readPlaces } from '../../deliveries/decide-post.ts';
import { findAskingConnections } from '../../deliveries/find-asking-connections.ts';
import { findDue } from '../../deliveries/find-due.ts';
import { listAwaiting, type AwaitingPost } from '../../deliveries/list-awaiting.ts';
import { rejectPost } from '../../deliveries/reject-post.ts';
import { invalidInput, isAppError } from '../../errors.ts';
import { idPattern } from '../../ids.ts';
import { findRuleWords } from '../../policy/find-rule-words.ts';
import { findChanges, findChangesSince } from '../../posts/find-changes.ts';
import { getPost } from '../../posts/get-post.ts';
import { showPictures } from '../../posts/show-pictures.ts';
import { SCOPES, withImplied } from '../../scopes.ts';
import { type DoneCode, readDoneNotice, redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

/** What waits for a decision, and a person's decision about one exact revision: the form says which one was shown. */
export function addApprovalPages(router: Router, context: Context): void {
  router.get('/approvals', signedIn(context, showAwaiting));

  router.get(
    '/posts/:id/approve',
    signedIn(context, (page) => showApproval(page), 'post'),
  );

  router.post(
    '/posts/:id/approve',
    signedIn(
      context,
      async (page) => {
        try {
          const before = await listAwaiting(context, page.caller);
          await goOn(page, before, await decide(page));
        } catch (error) {
          if (!isAppError(error, 'Conflict')) throw error;
          await showApproval(page, error.message);
        }
      },
      'post',
    ),
  );
}

async function showAwaiting({ ctx, context, caller, viewer, team }: SignedInPage): Promise<void> {
  const view = html`<${ApprovalsView}
    viewer=${viewer}
    timeZone=${team.timeZone}
    done=${readDoneNotice(ctx)}
    posts=${await listAwaiting(context, caller)}
    mayAct=${caller.role !== 'viewer'}
  />`;
  renderPage(ctx, view);
}

/** To the next post that waits for this person, as the page told it; after the last one, to the post that was decided. */
async function goOn(
  { ctx, context, caller, id }: SignedInPage,
  before: readonly AwaitingPost[],
  code: DoneCode,
): Promise<void> {
  const place = before.findIndex((post) => post.id === id);
  const still = new Set((await listAwaiting(context, caller)).map((post) => post.id));
  const next = [...before.slice(place + 1), ...before.slice(0, Math.max(place, 0))].find(
    (post) => post.id !== id && !post.askedOf && still.has(post.id),
  );
  if (!next) return redirectDone(ctx, `/posts/${id}`, code);
  ctx.status = 303;
  ctx.redirect(`/posts/${next.id}/approve?done=${code}&after=${id}`);
}

const POST_ID = idPattern('post');

/** What the page before did, and to which post. */
function readDecided({ ctx }: SignedInPage): { words: string; postId: string | null } | undefined {
  const words = readDoneNotice(ctx);
  const { after } = ctx.query;
  return words
    ? { words, postId: typeof after === 'string' && POST_ID.test(after) ? after : null }
    : undefined;
}

async function decide({ ctx, context, caller, id }: SignedInPage): Promise<DoneCode> {
  const input = {
    postId: id,
    rev: Number(formField(ctx, 'rev')),
    contentHash: formField(ctx, 'content_hash'),
    places: formField(ctx, 'places'),
    note: formField(ctx, 'note').trim().slice(0, 500) || undefined,
  };
  switch (formField(ctx, 'decision')) {
    case 'approve': {
      const { goesOutNow, isUntimed, isHeld } = await approvePost(context, caller, input);
      if (isHeld) return 'approved_held';
      if (isUntimed) return 'approved_untimed';
      return goesOutNow ? 'approved_now' : 'approved';
    }
    case 'reject':
      await rejectPost(context, caller, input);
      return 'rejected';
    default:
      throw invalidInput({ code: 'no_decision', field: 'decision', message: 'Choose Approve or Reject.' });
  }
}

async function showApproval(page: SignedInPage, problem?: string): Promise<void> {
  const { ctx, context, caller, viewer, team, id } = page;
  const post = await getPost(context, caller, { postId: id });
  const shownRev = problem ? Number(formField(ctx, 'rev')) : 0;
  const view = html`<${ApprovalView}
    viewer=${viewer}
    post=${post}
    contents=${await showPictures(context, post)}
    change=${(await findChangesSince(context, caller, post, shownRev)) ?? (await findChanges(context, caller, post))}
    places=${placesOf(post.deliveries.filter(({ isWaitingForDecision }) => isWaitingForDecision))}
    reasons=${await findReasons(context, caller, post.deliveries, team.timeZone)}
    due=${await findDue(context, caller, id)}
    shownTimes=${problem ? readPlaces(formField(ctx, 'places')) : new Map()}
    askers=${await findAskers(context, caller, id)}
    queue=${await findQueue(context, caller, id)}
    decided=${problem ? undefined : readDecided(page)}
    mayAct=${caller.role !== 'viewer'}
    problem=${problem}
    note=${formField(ctx, 'note')}
  />`;
  renderPage(ctx, view, problem ? 409 : 200);
}

async function findAskers(context: Context, caller: PersonCaller, postId: string): Promise<ShownAsker[]> {
  const connections = await findAskingConnections(context, caller, postId);
  return connections.map(({ scopes, ...connection }) => {
    const granted = withImplied(scopes);
    return {
      ...connection,
      permissions: granted.map((scope) => ENGLISH.scopes[scope]),
      lacking: SCOPES.filter((scope) => !granted.includes(scope)).map((scope) => ENGLISH.scopes[scope]),
    };
  });
}

/** What else waits for this person: before and after the post, and all around once it is none of them. */
async function findQueue(context: Context, caller: PersonCaller, postId: string): Promise<ApprovalQueue> {
  const mine = (await listAwaiting(context, caller)).filter(({ id, askedOf }) => id === postId || !askedOf);
  const place = mine.findIndex(({ id }) => id === postId);
  const hrefOf = (at: number) => (mine[at] ? `/posts/${mine[at].id}/approve` : undefined);
  return {
    others: mine.length - (place === -1 ? 0 : 1),
    previousHref: place > 0 ? hrefOf(place - 1) : undefined,
    nextHref: hrefOf(place + 1),
  };
}

/** The rules' words, as sentences, by delivery. */
async function findReasons(
  context: Context,
  caller: PersonCaller,
  deliveries: readonly { id: string; policyRule: string | null }[],
  timeZone: string,
): Promise<Map<string, string>> {
  const words = await findRuleWords(
    context,
    caller,
    deliveries.flatMap(({ policyRule }) => policyRule ?? []),
    timeZone,
  );
  return new Map(
    deliveries.flatMap(({ id, policyRule }) => {
      const reason = words.get(policyRule ?? '');
      return reason ? [[id, `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`] as const] : [];
    }),
  );
}

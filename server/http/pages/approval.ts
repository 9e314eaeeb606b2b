import type Router from '@koa/router';

import { ApprovalView } from '../../../views/approval.ts';
import { html } from '../../../views/html.ts';
import type { PersonCaller } from '../../caller.ts';
import type { Context } from '../../context.ts';
import { approvePost } from '../../deliveries/approve-post.ts';
import { placesOf } from '../../deliveries/decide-post.ts';
import { rejectPost } from '../../deliveries/reject-post.ts';
import { AppError, invalidInput } from '../../errors.ts';
import { findRuleWords } from '../../policy/find-rule-words.ts';
import { findChanges } from '../../posts/find-changes.ts';
import { getPost } from '../../posts/get-post.ts';
import { showPictures } from '../../posts/show-pictures.ts';
import { type DoneCode, redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

/** A person's decision about one exact revision: the form says which one was shown. */
export function addApprovalPages(router: Router, context: Context): void {
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
          redirectDone(page.ctx, `/posts/${page.id}`, await decide(page));
        } catch (error) {
          if (!(error instanceof AppError) || error.kind !== 'Conflict') throw error;
          await showApproval(page, error.message);
        }
      },
      'post',
    ),
  );
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
      const { goesOutNow, isUntimed } = await approvePost(context, caller, input);
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

async function showApproval(
  { ctx, context, caller, viewer, team, id }: SignedInPage,
  problem?: string,
): Promise<void> {
  const post = await getPost(context, caller, { postId: id });
  const view = html`<${ApprovalView}
    viewer=${viewer}
    post=${post}
    contents=${await showPictures(context, post)}
    change=${await findChanges(context, caller, post)}
    places=${placesOf(post.deliveries.filter(({ isWaitingForDecision }) => isWaitingForDecision))}
    reasons=${await findReasons(context, caller, post.deliveries, team.timeZone)}
    due=${await findDue(context, caller, id)}
    mayAct=${caller.role !== 'viewer'}
    problem=${problem}
    note=${formField(ctx, 'note')}
  />`;
  renderPage(ctx, view, problem ? 409 : 200);
}

/** What waits although its time has come: a yes sends it at once. */
async function findDue(context: Context, caller: PersonCaller, postId: string): Promise<Set<string>> {
  const rows = await context.db.$queryRaw<{ id: string }[]>`
    select id from delivery
    where team_id = ${caller.teamId} and post_id = ${postId} and due_at <= clock_timestamp()`;
  return new Set(rows.map(({ id }) => id));
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

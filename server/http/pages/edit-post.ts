import type Router from '@koa/router';

import { EditPostView, partField } from '../../../views/edit-post.ts';
import { html } from '../../../views/html.ts';
import { assertMayWrite } from '../../caller.ts';
import type { Context } from '../../context.ts';
import { placesOf } from '../../deliveries/decide-post.ts';
import { AppError } from '../../errors.ts';
import { getPost, type PostDetails } from '../../posts/get-post.ts';
import { updatePost, type PostChanges } from '../../posts/update-post.ts';
import { redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

/** Editing the words of a post in the browser. */
export function addEditPostPage(router: Router, context: Context): void {
  router.get(
    '/posts/:id/edit',
    signedIn(
      context,
      async (page) => {
        assertMayWrite(page.caller);
        const post = await getPost(context, page.caller, { postId: page.id });
        showForm(page, post, (channelId) => partsOf(post, channelId));
      },
      'post',
    ),
  );

  router.post(
    '/posts/:id/edit',
    signedIn(
      context,
      async (page) => {
        const { ctx, caller, id } = page;
        const post = await getPost(context, caller, { postId: id });
        const written = (channelId: string) =>
          partsOf(post, channelId).map((_, index) =>
            formField(ctx, partField(channelId, index)).replaceAll('\r\n', '\n'),
          );
        try {
          const expectedRev = Number(formField(ctx, 'rev'));
          const places = formField(ctx, 'places');
          const changes = toChanges(post, written);
          await updatePost(context, caller, { postId: id, expectedRev, places, changes });
          redirectDone(ctx, `/posts/${id}`, 'edited');
        } catch (error) {
          const isTheirs =
            error instanceof AppError && (error.kind === 'Conflict' || error.kind === 'InvalidInput');
          if (!isTheirs) throw error;
          showForm(page, post, written, error.message);
        }
      },
      'post',
    ),
  );
}

const ON_CALENDAR: ReadonlySet<string> = new Set(['scheduled', 'awaiting_approval', 'held']);

function showForm(
  { ctx, viewer }: SignedInPage,
  post: PostDetails,
  parts: (channelId: string) => string[],
  problem?: string,
): void {
  const onCalendar = post.deliveries.filter(({ state, dueAt }) => ON_CALENDAR.has(state) && dueAt !== null);
  const channels = post.deliveries.map((delivery) => ({ ...delivery, parts: parts(delivery.channelId) }));
  const view = html`<${EditPostView}
    viewer=${viewer}
    postId=${post.id}
    rev=${post.rev}
    places=${placesOf(onCalendar)}
    isScheduled=${onCalendar.length > 0}
    channels=${channels}
    problem=${problem}
  />`;
  renderPage(ctx, view, problem ? 409 : 200);
}

function partsOf({ deliveries }: PostDetails, channelId: string): string[] {
  return deliveries.find((delivery) => delivery.channelId === channelId)?.parts ?? [];
}

/** Where every channel says the same it is the text of the post too. */
function toChanges(post: PostDetails, written: (channelId: string) => string[]): PostChanges {
  const overrides = post.deliveries.map(({ channelId }) => {
    const parts = written(channelId);
    const kept = parts.filter((part) => part.trim() !== '');
    return { channelId, parts: kept.length > 0 ? kept : parts.slice(0, 1) };
  });
  const [first] = overrides;
  const isOneText = overrides.every(({ parts }) => parts.length === 1 && parts[0] === first?.parts[0]);
  return { overrides, ...(isOneText && first && { text: first.parts[0] }) };
}

import type Router from '@koa/router';

import { html } from '../../../views/html.ts';
import { WebhooksView, type WebhooksViewProps } from '../../../views/webhooks.ts';
import type { Context } from '../../context.ts';
import { isAppError } from '../../errors.ts';
import { NOTICE_KINDS } from '../../notices/notice-kinds.ts';
import {
  addWebhook,
  enableWebhook,
  listWebhooks,
  removeWebhook,
  testWebhook,
} from '../../notices/webhooks.ts';
import { readDoneNotice, redirectDone, type DoneCode } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

const ACTS = {
  enable: [enableWebhook, 'webhook_enabled'],
  test: [testWebhook, 'webhook_tested'],
  remove: [removeWebhook, 'webhook_removed'],
} as const satisfies Record<string, readonly [typeof enableWebhook, DoneCode]>;

/** Owners add and remove them, the others look. */
export function addWebhookPages(router: Router, context: Context): void {
  router.get(
    '/webhooks',
    signedIn(context, (page) => showWebhooks(page, {})),
  );

  router.post('/webhooks', signedIn(context, add));

  for (const [act, [change, done]] of Object.entries(ACTS)) {
    router.post(
      `/webhooks/:id/${act}`,
      signedIn(
        context,
        async ({ ctx, caller, id }) => {
          await change(context, caller, id);
          redirectDone(ctx, '/webhooks', done);
        },
        'webhook',
      ),
    );
  }
}

async function add(page: SignedInPage): Promise<void> {
  const { ctx, context, caller } = page;
  const values = { url: formField(ctx, 'url') };
  try {
    // Shown by the answer itself: the secret is nowhere to be read again.
    const added = await addWebhook(context, caller, values);
    await showWebhooks(page, { added });
  } catch (error) {
    if (!isAppError(error, 'Conflict', 'InvalidInput')) throw error;
    const problem = { field: error.details.field, message: error.message };
    await showWebhooks(page, { values, problem }, error.kind === 'Conflict' ? 409 : 400);
  }
}

async function showWebhooks(
  { ctx, context, caller, viewer, team }: SignedInPage,
  extra: Pick<WebhooksViewProps, 'added' | 'values' | 'problem'>,
  status = 200,
): Promise<void> {
  const view = html`<${WebhooksView}
    viewer=${viewer}
    timeZone=${team.timeZone}
    done=${readDoneNotice(ctx)}
    webhooks=${await listWebhooks(context, caller)}
    kinds=${Object.values(NOTICE_KINDS)}
    isOwner=${caller.role === 'owner'}
    ...${extra}
  />`;
  renderPage(ctx, view, status);
}

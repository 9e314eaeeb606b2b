import type Router from '@koa/router';

import { html } from '../../../views/html.ts';
import { QueueSlotsView } from '../../../views/queue-slots.ts';
import type { Context } from '../../context.ts';
import { isAppError } from '../../errors.ts';
import {
  addQueueSlot,
  copyQueueSlots,
  getQueueSlots,
  removeQueueSlot,
  WORKDAYS,
} from '../../scheduling/queue-slots.ts';
import { readDoneNotice, redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

/** The times of the week at which a channel's posts go out when they were given none. */
export function addQueueSlotPages(router: Router, context: Context): void {
  router.get(
    '/channels/:id/slots',
    signedIn(context, (page) => showSlots(page), 'channel'),
  );

  router.post(
    '/channels/:id/slots',
    signedIn(
      context,
      async (page) => {
        try {
          await changeSlots(page);
          redirectDone(page.ctx, `/channels/${page.id}/slots`, 'slots_changed');
        } catch (error) {
          if (!isAppError(error, 'InvalidInput')) throw error;
          await showSlots(page, { field: error.details.field, message: error.message });
        }
      },
      'channel',
    ),
  );
}

/** A button says which day is copied or which slot is removed; without one a slot is added. */
async function changeSlots({ ctx, context, caller, id: channelId }: SignedInPage): Promise<void> {
  const [copy, remove] = [formField(ctx, 'copy'), formField(ctx, 'remove')];
  if (copy) return copyQueueSlots(context, caller, { channelId, fromWeekday: Number(copy) });
  if (remove) {
    const [weekday, localTime = ''] = remove.split(' ');
    return removeQueueSlot(context, caller, { channelId, weekday: Number(weekday), localTime });
  }
  const day = formField(ctx, 'weekday');
  const weekdays = day === 'workdays' ? WORKDAYS : [Number(day)];
  return addQueueSlot(context, caller, { channelId, weekdays, localTime: formField(ctx, 'time') });
}

async function showSlots(
  { ctx, context, caller, viewer, team, id }: SignedInPage,
  problem?: { field: string | undefined; message: string },
): Promise<void> {
  const view = html`<${QueueSlotsView}
    viewer=${viewer}
    done=${problem ? undefined : readDoneNotice(ctx)}
    channel=${await getQueueSlots(context, caller, id)}
    timeZone=${team.timeZone}
    mayAct=${caller.role !== 'viewer'}
    values=${{ weekday: formField(ctx, 'weekday'), time: formField(ctx, 'time') }}
    problem=${problem}
  />`;
  renderPage(ctx, view, problem ? 400 : 200);
}

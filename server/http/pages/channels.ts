import type Router from '@koa/router';

import { ChannelsView } from '../../../views/channels.ts';
import { DisconnectChannelView } from '../../../views/disconnect-channel.ts';
import { html } from '../../../views/html.ts';
import { LinkBlueskyView } from '../../../views/link-bluesky.ts';
import { priceWords } from '../../../views/price-words.ts';
import { assertMayWrite } from '../../caller.ts';
import { addPracticeChannel } from '../../channels/add-practice-channel.ts';
import { countScheduled } from '../../channels/count-scheduled.ts';
import { findChannelRules, findUnpractised } from '../../channels/channel-rules.ts';
import { findChannelFacts, type ChannelFacts } from '../../channels/find-channel-facts.ts';
import { disconnectChannel } from '../../channels/disconnect-channel.ts';
import { linkBlueskyChannel } from '../../channels/link-channel.ts';
import { listChannels } from '../../channels/list-channels.ts';
import { listLinkable, type LinkableSummary } from '../../channels/list-linkable.ts';
import type { Context } from '../../context.ts';
import { isAppError, notFound } from '../../errors.ts';
import { readDoneNotice, redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

export function addChannelPages(router: Router, context: Context): void {
  router.get(
    '/channels',
    signedIn(context, async ({ ctx, caller, viewer, team }) => {
      const facts = await findChannelFacts(context, caller);
      const channels = (await listChannels(context, caller, {})).map((channel) => ({
        ...(facts.get(channel.id) ?? NO_FACTS),
        ...channel,
        rules: findChannelRules(channel),
      }));
      const shown = {
        timeZone: team.timeZone,
        done: readDoneNotice(ctx),
        channels,
        linkable: listLinkable(context).map(toShownNetwork),
        practicable: findUnpractised(channels),
        mayAct: caller.role !== 'viewer',
      };
      renderPage(ctx, html`<${ChannelsView} viewer=${viewer} ...${shown} />`);
    }),
  );

  router.post(
    '/channels/practice',
    signedIn(context, async ({ ctx, caller }) => {
      await addPracticeChannel(context, caller, { imitates: formField(ctx, 'imitates') });
      redirectDone(ctx, '/channels', 'practice_added');
    }),
  );

  router.post('/channels/link/bluesky', signedIn(context, linkBluesky));

  router.get(
    '/channels/:id/disconnect',
    signedIn(
      context,
      async ({ ctx, caller, viewer, id }) => {
        assertMayWrite(caller);
        const channel = (await listChannels(context, caller, {})).find((one) => one.id === id);
        if (!channel) throw notFound({ code: 'not_found', message: 'This channel is not linked.' });
        const shown = { channel, scheduled: await countScheduled(context, caller, id) };
        renderPage(ctx, html`<${DisconnectChannelView} viewer=${viewer} ...${shown} />`);
      },
      'channel',
    ),
  );

  router.post(
    '/channels/:id/disconnect',
    signedIn(
      context,
      async ({ ctx, caller, id }) => {
        await disconnectChannel(context, caller, { channelId: id });
        redirectDone(ctx, '/channels', 'disconnected');
      },
      'channel',
    ),
  );
}

/** Linked between the two questions: the next look knows it. */
const NO_FACTS: ChannelFacts = {
  ...{ guarantee: 'none', isProven: true, pausedUntil: null, linkEndsAt: null, quota: null },
};

function toShownNetwork({ prices, ...network }: LinkableSummary) {
  return { ...network, price: priceWords(prices) };
}

async function linkBluesky({ ctx, context, caller, viewer }: SignedInPage): Promise<void> {
  assertMayWrite(caller);
  const values = { handle: formField(ctx, 'handle'), serviceUrl: formField(ctx, 'serviceUrl').trim() };
  try {
    await linkBlueskyChannel(context, caller, {
      handle: values.handle,
      appPassword: formField(ctx, 'appPassword'),
      serviceUrl: values.serviceUrl || undefined,
    });
    redirectDone(ctx, '/channels', 'linked');
  } catch (error) {
    if (!isAppError(error, 'InvalidInput', 'Unavailable')) throw error;
    const problem = { field: error.details.field, message: error.message };
    const status = error.kind === 'InvalidInput' ? 400 : 503;
    const isOauthReady = context.networks.get('bluesky')?.link?.missingSettings.length === 0;
    renderPage(
      ctx,
      html`<${LinkBlueskyView}
        viewer=${viewer}
        isOauthReady=${isOauthReady}
        values=${values}
        problem=${problem}
      />`,
      status,
    );
  }
}

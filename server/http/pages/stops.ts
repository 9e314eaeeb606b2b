import type Router from '@koa/router';

import { html } from '../../../views/html.ts';
import { channelName, networkName } from '../../../views/networks.ts';
import { StopsView, type StopsViewProps } from '../../../views/stops.ts';
import { listChannels } from '../../channels/list-channels.ts';
import type { Context } from '../../context.ts';
import { KILL_SWITCH_KINDS, type KillSwitchTarget } from '../../deliveries/kill-switch.ts';
import { liftKillSwitch } from '../../deliveries/lift-kill-switch.ts';
import { listKillSwitches } from '../../deliveries/list-kill-switches.ts';
import { setKillSwitch } from '../../deliveries/set-kill-switch.ts';
import { AppError, invalidInput } from '../../errors.ts';
import { listRuledClients } from '../../policy/list-rules.ts';
import { readDoneNotice, redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';
import { tellApart } from './tell-apart.ts';

/** Owners stop publishing and let it go on, the others look. */
export function addStopPages(router: Router, context: Context): void {
  router.get(
    '/stops',
    signedIn(context, (page) => showStops(page)),
  );

  router.post(
    '/stops',
    signedIn(context, async (page) => {
      const { ctx, caller } = page;
      const values = { what: formField(ctx, 'what'), reason: formField(ctx, 'reason') };
      try {
        await setKillSwitch(context, caller, { ...readWhat(values.what), reason: values.reason });
      } catch (error) {
        if (!(error instanceof AppError) || error.kind === 'NotAllowed') throw error;
        const problem = { field: error.details.field, message: error.message };
        await showStops(page, { values, problem });
        return;
      }
      redirectDone(ctx, '/stops', 'stopped');
    }),
  );

  router.post(
    '/stops/:id/lift',
    signedIn(
      context,
      async ({ ctx, caller, id }) => {
        await liftKillSwitch(context, caller, id);
        redirectDone(ctx, '/stops', 'stop_lifted');
      },
      'killSwitch',
    ),
  );
}

/** @throws AppError InvalidInput (`what_missing`) for what the page did not offer */
function readWhat(what: string): KillSwitchTarget {
  const [name, ...rest] = what.split(':');
  const kind = KILL_SWITCH_KINDS.find((known) => known === name);
  if (!kind) throw invalidInput({ code: 'what_missing', field: 'what', message: 'Choose what is to stop.' });
  return { kind, target: kind === 'everything' ? null : rest.join(':') };
}

async function showStops(
  page: SignedInPage,
  extra: Pick<StopsViewProps, 'values' | 'problem'> = {},
): Promise<void> {
  const { ctx, context, caller, viewer, team } = page;
  const isOwner = caller.role === 'owner';
  const view = html`<${StopsView}
    viewer=${viewer}
    timeZone=${team.timeZone}
    done=${readDoneNotice(ctx)}
    stops=${await listKillSwitches(context, caller)}
    choices=${isOwner ? await listChoices(page) : []}
    isOwner=${isOwner}
    ...${extra}
  />`;
  renderPage(ctx, view, extra.problem ? 400 : 200);
}

/** What can be stopped, the widest first. */
async function listChoices({ context, caller, team }: SignedInPage): Promise<StopsViewProps['choices']> {
  const channels = await listChannels(context, caller, {});
  const networks = new Set(channels.map(({ network }) => network));
  const clients = (await listRuledClients(context, caller)).map(
    ({ clientId, clientName, redirectHost, connectedAt }) => ({
      value: `client:${clientId}`,
      label: `What ${clientName} (${redirectHost}) scheduled`,
      connectedAt,
    }),
  );
  return [
    { value: 'everything', label: `Everything of ${team.name}` },
    ...[...networks].map((id) => ({ value: `network:${id}`, label: `All channels on ${networkName(id)}` })),
    ...channels.map((channel) => ({ value: `channel:${channel.id}`, label: channelName(channel) })),
    ...tellApart(clients, team.timeZone),
  ];
}

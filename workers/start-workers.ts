import type { Context } from '../server/context.ts';
import type { DueDelivery } from '../server/deliveries/scan-due.ts';
import { startWebhookLoop } from './call-webhooks.ts';
import { createAloneGate } from './alone-gate.ts';
import { startDueScan } from './due-scan.ts';
import { startMetricsLoop } from './metrics-loop.ts';
import { publishDelivery, type PublishOptions } from './publish-delivery.ts';
import { createPublishSlots, type PublishInSlot } from './publish-slots.ts';
import { startSweep } from './sweep.ts';
import { createUnderWay } from './under-way.ts';

/** Slots, in those that one team may hold. */
const SHARES = 2;

export interface RunningWorkers {
  /** Takes nothing new and waits, up to DRAIN_SECONDS, for what is in hand; what remains is taken over after its lease. */
  stop(): Promise<void>;
}

export async function startWorkers(context: Context): Promise<RunningWorkers> {
  const { config, log, queues } = context;
  const { concurrency } = config.publishing;
  let isStopping = false;

  const gate = createAloneGate();
  const leave = (deliveryId: string) => (error: unknown) => {
    // The row says what is to be done next; a lease that runs out hands it on.
    log.error({ err: error, deliveryId }, 'a delivery was left where it is');
  };
  const options: PublishOptions = {
    isStopping: () => isStopping || gate.isAloneWanted(),
    underWay: createUnderWay(config.publishing.leaseSeconds),
  };
  const publish: PublishInSlot = (deliveryId, handOver) =>
    gate.beside(() =>
      publishDelivery(context, deliveryId, { ...options, handOver }).catch(leave(deliveryId)),
    );
  const publishAlone: PublishInSlot = (deliveryId) =>
    gate.alone(() =>
      publishDelivery(context, deliveryId, { ...options, isAlone: true }).catch(leave(deliveryId)),
    );
  // Half of them are out of reach of any one team, and free for the others at once.
  const slots = SHARES * concurrency;
  const beside = createPublishSlots(publish, { slots, slotsOfTeam: concurrency });
  const alone = createPublishSlots(publishAlone, { slots: 1, slotsOfTeam: 1 });

  const dispatch = async (due: readonly DueDelivery[]) => {
    const [suspects, sound] = [
      due.filter(({ isForAlone }) => isForAlone),
      due.filter((one) => !one.isForAlone),
    ];
    const fresh = sound.filter(({ isNeglected }) => !isNeglected);
    alone.add(suspects);
    beside.add(sound.filter(({ isNeglected }) => isNeglected));
    if (fresh.length === 0) return;
    try {
      await queues.hintPublish(fresh);
    } catch (error) {
      log.warn(
        { err: error, deliveries: fresh.length },
        'the queue took no hints; they are published without it',
      );
      beside.add(fresh);
    }
  };

  const worker = queues.startPublishWorker((hint) => beside.run(hint), slots);
  const scan = startDueScan(context, dispatch);
  const sweeping = startSweep(context);
  const measuring = startMetricsLoop(context);
  const telling = startWebhookLoop(context);

  return {
    async stop() {
      isStopping = true;
      const drained = Promise.all([
        scan.stop(),
        sweeping.stop(),
        measuring.stop(),
        telling.stop(),
        worker.stop(),
        beside.stop(),
        alone.stop(),
      ]);
      const deadline = Promise.withResolvers<void>();
      const timer = setTimeout(deadline.resolve, config.drainMs);
      await Promise.race([drained, deadline.promise]);
      clearTimeout(timer);
    },
  };
}

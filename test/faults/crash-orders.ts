import type { CrashHooks, PartName } from './personality-network.ts';

/** The four places at which a worker dies on purpose; the network itself kills it in flight. */
export const CRASH_POINTS = ['after_prepare', 'before_send', 'in_flight', 'before_settle'] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

export interface CrashOrder extends PartName {
  /** in_flight is met twice: begun, when no byte has left, and at the network. */
  point: 'after_prepare' | 'before_send' | 'begun' | 'before_settle';
}

/** A worker asks before it prepares a delivery, and is told once where it dies over it, if it does. */
export interface CrashQuestion {
  deliveryId: string;
}

export interface CrashReply {
  deliveryId: string;
  order: CrashOrder | null;
}

/** The worker's side: asks its campaign over IPC, and kills itself with kill -9 at the very statement. */
export function createCrashHooks(): CrashHooks {
  const asked = new Map<string, (order: CrashOrder | null) => void>();
  const orders = new Map<string, CrashOrder>();
  process.on('message', (message: CrashReply | string) => {
    if (typeof message === 'string') return;
    asked.get(message.deliveryId)?.(message.order);
    asked.delete(message.deliveryId);
  });
  return {
    async arrive(deliveryId) {
      if (orders.has(deliveryId)) return;
      const { promise, resolve } = Promise.withResolvers<CrashOrder | null>();
      asked.set(deliveryId, resolve);
      process.send?.({ deliveryId } satisfies CrashQuestion);
      const order = await promise;
      if (order) orders.set(deliveryId, order);
    },
    reach(point, { deliveryId, partNo }) {
      const order = orders.get(deliveryId);
      if (order?.point === point && order.partNo === partNo) process.kill(process.pid, 'SIGKILL');
    },
  };
}

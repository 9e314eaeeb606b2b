import type { Context } from '../../server/context.ts';
import type { Network } from '../../server/networks/network.ts';

/** Where a watched network waits until it is told to go on. */
export type WaitPoint = 'prepare' | 'send' | 'readBack';

/** A context whose Playground waits once at one point; what it does there is the Playground's own. */
export function watchPlayground(context: Context, point: WaitPoint, changes: Partial<Network> = {}) {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const playground: Network = { ...context.networks.get('playground')!, ...changes };
  const wait = async () => {
    reached.resolve();
    await released.promise;
  };
  const watched: Network = {
    ...playground,
    [point]: async (call: Parameters<Network['send']>[0]) => {
      await wait();
      return playground[point](call);
    },
  };
  const networks = new Map(context.networks).set('playground', watched);
  return { context: { ...context, networks }, isReached: reached.promise, goOn: () => released.resolve() };
}

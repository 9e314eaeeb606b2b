import type { PublishHint } from '../server/queues.ts';

export interface SlotLimits {
  slots: number;
  /** What one team may hold of them. */
  slotsOfTeam: number;
}

/**
 * @param handOver gives back the slot for the next one of the channel, when something waits for it; false: nothing does
 */
export type PublishInSlot = (deliveryId: string, handOver: (nextId: string) => boolean) => Promise<void>;

/**
 * Publishes some at a time, and no more of one team than its share, so that a team whose networks take their time keeps no
 * other waiting. What waits holds no slot; the team with the fewest goes first, and its own in the order in which they came.
 */
export function createPublishSlots(publish: PublishInSlot, { slots, slotsOfTeam }: SlotLimits) {
  const waiting = new Map<string, Set<string>>();
  const active = new Set<Promise<void>>();
  const held = new Map<string, number>();
  const heldBy = (teamId: string) => held.get(teamId) ?? 0;
  let isStopping = false;

  const wait = ({ teamId, deliveryId }: PublishHint) => {
    if (!isStopping) waiting.set(teamId, (waiting.get(teamId) ?? new Set()).add(deliveryId));
  };

  const takeNext = (): PublishHint | undefined => {
    const [teamId] = [...waiting.keys()]
      .filter((id) => heldBy(id) < slotsOfTeam)
      .toSorted((one, other) => heldBy(one) - heldBy(other));
    if (teamId === undefined) return undefined;
    const own = waiting.get(teamId)!;
    const [deliveryId] = own;
    own.delete(deliveryId!);
    // Behind those that hold as few.
    waiting.delete(teamId);
    if (own.size > 0) waiting.set(teamId, own);
    return { teamId, deliveryId: deliveryId! };
  };

  const start = ({ teamId, deliveryId }: PublishHint): Promise<void> => {
    const handOver = (nextId: string) => {
      if (waiting.size === 0) return false;
      wait({ teamId, deliveryId: nextId });
      return true;
    };
    held.set(teamId, heldBy(teamId) + 1);
    const work: Promise<void> = publish(deliveryId, handOver).finally(() => {
      active.delete(work);
      if (heldBy(teamId) > 1) held.set(teamId, heldBy(teamId) - 1);
      else held.delete(teamId);
      startWaiting();
    });
    active.add(work);
    return work;
  };

  const startWaiting = () => {
    const started = new Map<string, Promise<void>>();
    while (active.size < slots) {
      const next = takeNext();
      if (!next) break;
      started.set(next.deliveryId, start(next));
    }
    return started;
  };

  return {
    /**
     * Ends with the work. When it has to wait: at once where its team holds its share; where every slot is taken, once one is
     * free, so that meanwhile the queue gives its hints to a process that has some.
     */
    async run(hint: PublishHint): Promise<void> {
      wait(hint);
      await startWaiting().get(hint.deliveryId);
      while (active.size >= slots && waiting.get(hint.teamId)?.has(hint.deliveryId)) {
        await Promise.race(active);
      }
    },
    add(hints: readonly PublishHint[]): void {
      hints.forEach(wait);
      startWaiting();
    },
    /** Forgets what waits and ends when nothing is under way. */
    async stop(): Promise<void> {
      isStopping = true;
      waiting.clear();
      await Promise.all(active);
    },
  };
}

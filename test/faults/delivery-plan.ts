import { CRASH_POINTS, type CrashPoint } from './crash-orders.ts';
import { createRandom } from './fault-counts.ts';
import { PERSONALITIES } from './personalities.ts';

/** What the networks do to a request to publish, besides answering it. */
export const SEND_FAULTS = [
  'cut_before',
  'refused_before',
  'cut_after',
  'bad_gateway_after',
  'gateway_timeout_after',
  'garbled_after',
  'late_answer',
  'late_commit',
] as const;
export type SendFault = (typeof SEND_FAULTS)[number];

/** When the network takes a post whose worker it sees die: before, after, or never. */
export const FLIGHT_TURNS = ['taken_before', 'taken_after', 'never_taken', 'not_begun'] as const;
export type FlightTurn = (typeof FLIGHT_TURNS)[number];

export interface DeliveryPlan {
  index: number;
  network: string;
  /** Which of the network's channels. */
  channelNo: number;
  parts: string[];
  /** A worker dies over this part of it, once. */
  death: { point: CrashPoint; partNo: number; turn: FlightTurn } | null;
  /** What becomes of the first, the second ... request for a part; after the last they are answered. */
  faults: (SendFault | null)[];
  dueInSeconds: number;
}

export interface PlanInput {
  seed: number;
  channelsPerNetwork: number;
  /** How many of the deliveries a worker dies over, and how many of the requests fail; between 0 and 1. */
  deathShare: number;
  faultShare: number;
}

/** The n-th delivery of a campaign: the same for the same seed, whatever happened before. */
export function planDelivery(input: PlanInput, index: number): DeliveryPlan {
  const random = createRandom(input.seed + index * 7919);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
  const partCount = random() < 0.8 ? 1 : 2 + Math.floor(random() * 2);
  const parts = Array.from({ length: partCount }, (_, part) => `Delivery ${index}, part ${part + 1}`);
  const death =
    random() < input.deathShare
      ? { point: pick(CRASH_POINTS), partNo: 1 + Math.floor(random() * partCount), turn: pick(FLIGHT_TURNS) }
      : null;
  return {
    index,
    network: PERSONALITIES[index % PERSONALITIES.length]!.id,
    channelNo: Math.floor(random() * input.channelsPerNetwork),
    parts,
    death,
    faults: Array.from({ length: 3 }, () => (random() < input.faultShare ? pick(SEND_FAULTS) : null)),
    dueInSeconds: random() * 2,
  };
}

import { setTimeout as delay } from 'node:timers/promises';

import type { DeliveryPlan, SendFault } from './delivery-plan.ts';
import { LATE_MS } from './personalities.ts';
import type { Answer, Fates, IncomingSend } from './personality-server.ts';

const READ_FAULT_SHARE = 0.02;

export interface FatesInput {
  planOf(deliveryId: string): DeliveryPlan | undefined;
  /** Whether the worker is to be killed over this part while the network has its request; told once. */
  diesInFlight(send: IncomingSend): boolean;
  kill(workerPid: number): Promise<unknown>;
  random(): number;
}

/** What the networks of a campaign do, by the plan of each delivery. */
export function createFates({ planOf, diesInFlight, kill, random }: FatesInput): Fates {
  return {
    async meetSend(send) {
      const plan = planOf(send.deliveryId);
      if (plan?.death && diesInFlight(send)) {
        const { turn } = plan.death;
        if (turn === 'taken_before') send.take();
        await kill(send.workerPid);
        if (turn === 'taken_after') send.take();
        return null;
      }
      const fault = plan?.faults[send.sendNo - 1];
      return fault ? FAULTS[fault](send) : send.take();
    },
    meetRead() {
      const chance = random();
      if (chance >= READ_FAULT_SHARE) return undefined;
      return chance < READ_FAULT_SHARE / 2 ? null : { status: 503, body: '<html>Service Unavailable</html>' };
    },
  };
}

const FAULTS: Record<SendFault, (send: IncomingSend) => Promise<Answer | null>> = {
  cut_before: async () => null,
  refused_before: async () => ({ status: 503, body: '<html>Service Unavailable</html>' }),
  cut_after: async (send) => {
    send.take();
    return null;
  },
  bad_gateway_after: async (send) => {
    send.take();
    return { status: 502, body: '<html>Bad Gateway</html>' };
  },
  gateway_timeout_after: async (send) => {
    send.take();
    return { status: 504, body: '<html>Gateway Timeout</html>' };
  },
  garbled_after: async (send) => ({ status: send.take().status, body: '{"id":' }),
  late_answer: async (send) => {
    const answer = send.take();
    await delay(LATE_MS);
    return answer;
  },
  late_commit: async (send) => {
    await delay(LATE_MS);
    return send.take();
  },
};

import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { unavailable } from '../errors.ts';

export interface HandOverInput {
  connectionId: string;
  /** All that wait under the connection when absent. */
  deliveryIds?: string[] | undefined;
}

export interface HandedOver {
  scheduled: number;
  awaitingApproval: number;
  /** Too late to send: shown as `missed`, to be scheduled anew. */
  missed: number;
}

/**
 * 'Hand over to me': what waits under a connection (`scheduled`, `awaiting_approval`, or `held` because of the connection)
 * goes on under the person. What had no approval and needed one still waits for it.
 * @throws AppError NotFound; NotAllowed for a viewer
 */
export async function handOverDeliveries(
  _context: Context,
  _caller: PersonCaller,
  _input: HandOverInput,
): Promise<HandedOver> {
  throw unavailable({ code: 'unavailable', message: 'Handing over is not ready.' });
}

import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { unavailable } from '../errors.ts';
import type { DeliveryState } from './delivery-state.ts';

export interface ScheduleInput {
  postId: string;
  /** The revision that the caller has seen; another one is refused. */
  expectedRev: number;
  /** RFC 3339 with an offset, or a wall time without one, read in `timeZone`. */
  at: string;
  /** IANA name; the team's zone when absent. */
  timeZone?: string | undefined;
  /** The post's channels to schedule; all of them when absent. */
  onlyChannelIds?: string[] | undefined;
}

export interface ScheduledDelivery {
  deliveryId: string;
  channelId: string;
  state: DeliveryState;
}

export interface ScheduleWarning {
  code: 'clash' | 'duplicate' | 'ambiguous_time' | 'channel_needs_reconnect';
  message: string;
}

export interface Scheduled {
  /** The most urgent state among the deliveries concerned. */
  state: DeliveryState;
  at: Date;
  timeZone: string;
  /** For people: weekday, date, time and zone. */
  localTime: string;
  /** Where a person approves; null when nobody must. */
  approvalUrl: string | null;
  deliveries: ScheduledDelivery[];
  warnings: ScheduleWarning[];
}

/**
 * Schedules or moves a post. The same call again changes nothing.
 * @throws AppError NotFound; Conflict (`stale_revision`, `already_sent`, `campaign_paused`); InvalidInput for a wrong time
 *   or a caption that breaks a rule; NotAllowed for a viewer
 */
export async function schedulePost(
  _context: Context,
  _caller: Caller,
  _input: ScheduleInput,
): Promise<Scheduled> {
  throw unavailable({ code: 'unavailable', message: 'Scheduling is not ready.' });
}

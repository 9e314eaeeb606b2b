import type { Caller } from '../caller.ts';
import { findChannels } from '../channels/find-channels.ts';
import type { Context } from '../context.ts';
import { conflict } from '../errors.ts';
import { findTimeZone } from '../posts/find-time-zone.ts';
import { formatLocalTime } from '../posts/local-time.ts';
import { readMoment } from '../posts/post-time.ts';
import { findBestTimes, type BestTimes } from './find-best-times.ts';
import { findFreeSlots, type SlotSearch } from './find-free-slots.ts';
import { slotsUrl } from './slot-urls.ts';

export interface SlotsInput {
  /** All linked channels of the team when absent, at most 20. */
  channelIds?: string[] | undefined;
  basis: 'queue' | 'best_times';
  /** As `readMoment`; slots after it, and never in the past. */
  from?: string | undefined;
  count: number;
}

export interface SuggestedSlot {
  at: Date;
  /** For people, in the team's zone. */
  localTime: string;
  /** Why this one, with the figures behind it. */
  reason: string;
}

export interface SuggestedSlots {
  /** queue: earliest first. best_times: what did best first. */
  slots: SuggestedSlot[];
  timeZone: string;
}

/**
 * When a post could go out: the next free queue slots that the channels share, or the hours of the week that did best for
 * them so far. With too few past results it says so and gives queue slots.
 * @throws AppError NotFound for a channel; InvalidInput (`invalid_time`); Conflict (`no_free_slot`, `no_channels`)
 */
export async function findSlots(
  context: Context,
  caller: Caller,
  { basis, count, ...input }: SlotsInput,
): Promise<SuggestedSlots> {
  const timeZone = await findTimeZone(context, caller);
  const channelIds = await readChannelIds(context, caller, input.channelIds);
  const from = await readFrom(context, input.from, timeZone);
  const search = { teamId: caller.teamId, channelIds, timeZone, from, count };
  const best = basis === 'best_times' ? await findBestTimes(context.db, search) : null;
  const slots = best && best.slots.length > 0 ? best.slots : await findQueued(context, search, best);
  return {
    slots: slots.map((slot) => ({ ...slot, localTime: formatLocalTime(slot.at, timeZone) })),
    timeZone,
  };
}

async function findQueued(context: Context, search: SlotSearch, best: BestTimes | null) {
  const { slots, onlyOfChannelId } = await findFreeSlots(context.db, search);
  if (slots.length === 0) throw noFreeSlot(context, search.channelIds);
  const queued = sayWhose(search.channelIds.length, onlyOfChannelId);
  const reason = best?.shortage ? `${best.shortage}; ${queued}` : queued;
  return slots.map((at) => ({ at, reason }));
}

function sayWhose(channels: number, onlyOfChannelId: string | null): string {
  if (channels === 1) return 'free queue slot';
  if (onlyOfChannelId === null) return `free queue slot of all ${channels} channels`;
  return `free queue slot of ${onlyOfChannelId}; none suits all ${channels} channels`;
}

/** @throws AppError Conflict (`no_free_slot`) */
export function noFreeSlot(context: Pick<Context, 'publicUrl'>, [channelId = '']: readonly string[]) {
  return conflict({
    code: 'no_free_slot',
    message: 'None of these channels has a free queue slot within 60 days.',
    nextStep: `Choose a time yourself, or ask the person to add slots on ${slotsUrl(context, channelId)}.`,
  });
}

const MAX_CHANNELS = 20;

async function readChannelIds(
  context: Context,
  caller: Caller,
  wanted: string[] | undefined,
): Promise<string[]> {
  if (wanted) {
    const channels = await findChannels(context.db, caller, [...new Set(wanted)]);
    return channels.map(({ id }) => id);
  }
  const rows = await context.db.channel.findMany({
    where: { teamId: caller.teamId, disconnectedAt: null },
    select: { id: true },
    orderBy: [{ network: 'asc' }, { handle: 'asc' }, { id: 'asc' }],
    take: MAX_CHANNELS,
  });
  if (rows.length > 0) return rows.map(({ id }) => id);
  throw conflict({
    code: 'no_channels',
    message: 'No channel is linked to this team, so there is nowhere to publish.',
    nextStep: `Ask the person to link one on ${context.publicUrl}/channels.`,
  });
}

async function readFrom(context: Context, from: string | undefined, timeZone: string): Promise<Date> {
  const wanted = from === undefined ? null : readMoment(from, timeZone, 'from');
  const [row] = await context.db.$queryRaw<{ from: Date }[]>`
    select greatest(clock_timestamp(), ${wanted}::timestamptz) as "from"`;
  return row!.from;
}

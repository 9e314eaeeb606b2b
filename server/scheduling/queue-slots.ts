import { recordActivity } from '../activity/record-activity.ts';
import { assertMayWrite, type PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { invalidInput, notFound } from '../errors.ts';

/** A channel with the times of the week at which its posts go out when they were given none. */
export interface ChannelSlots {
  channelId: string;
  network: string;
  handle: string;
  /** The network whose rules a practice channel keeps. */
  imitates: string | null;
  /** HH:MM, ascending, Monday first: always seven. */
  days: string[][];
}

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const MAX_SLOTS_A_DAY = 24;
export const WORKDAYS: readonly number[] = [1, 2, 3, 4, 5];
const EVERY_DAY: readonly number[] = [...WORKDAYS, 6, 7];

/** @throws AppError NotFound for a channel that is not linked to the team */
export async function getQueueSlots(
  { db }: Pick<Context, 'db'>,
  { teamId }: PersonCaller,
  channelId: string,
): Promise<ChannelSlots> {
  const channel = await db.channel.findFirst({
    where: { teamId, id: channelId, disconnectedAt: null },
    select: { network: true, handle: true, imitates: true, slots: { orderBy: { localTime: 'asc' } } },
  });
  if (!channel) throw notLinked();
  const { slots, ...rest } = channel;
  const days = EVERY_DAY.map((day) =>
    slots.filter(({ weekday }) => weekday === day).map(({ localTime }) => localTime),
  );
  return { channelId, ...rest, days };
}

/** Again: changes nothing. @throws AppError InvalidInput (`invalid_weekday`, `invalid_slot_time`, `too_many_slots`), and as `changeSlots` */
export async function addQueueSlot(
  context: Context,
  caller: PersonCaller,
  { channelId, weekdays, localTime }: { channelId: string; weekdays: readonly number[]; localTime: string },
): Promise<void> {
  assertWeekdays(weekdays);
  assertTime(localTime);
  await changeSlots(context, caller, channelId, async (tx) => {
    const data = weekdays.map((weekday) => ({ teamId: caller.teamId, channelId, weekday, localTime }));
    await tx.queueSlot.createMany({ data, skipDuplicates: true });
    await assertNotTooMany(tx, channelId);
  });
}

/** One that is not there counts as removed. */
export async function removeQueueSlot(
  context: Context,
  caller: PersonCaller,
  { channelId, weekday, localTime }: { channelId: string; weekday: number; localTime: string },
): Promise<void> {
  await changeSlots(context, caller, channelId, async (tx) => {
    await tx.queueSlot.deleteMany({ where: { teamId: caller.teamId, channelId, weekday, localTime } });
  });
}

/** Monday to Friday get the times of one day, instead of their own. */
export async function copyQueueSlots(
  context: Context,
  caller: PersonCaller,
  { channelId, fromWeekday }: { channelId: string; fromWeekday: number },
): Promise<void> {
  assertWeekdays([fromWeekday]);
  const { teamId } = caller;
  const others = WORKDAYS.filter((weekday) => weekday !== fromWeekday);
  await changeSlots(context, caller, channelId, async (tx) => {
    await tx.queueSlot.deleteMany({ where: { teamId, channelId, weekday: { in: others } } });
    const times = await tx.queueSlot.findMany({ where: { teamId, channelId, weekday: fromWeekday } });
    const data = others.flatMap((weekday) =>
      times.map(({ localTime }) => ({ teamId, channelId, weekday, localTime })),
    );
    await tx.queueSlot.createMany({ data });
  });
}

/**
 * What is on the calendar already stays where it is. The channel is locked, so that two changes come one after the other.
 * @throws AppError NotAllowed for a viewer; NotFound
 */
async function changeSlots(
  context: Context,
  caller: PersonCaller,
  channelId: string,
  change: (tx: Transaction) => Promise<void>,
): Promise<void> {
  assertMayWrite(caller);
  await context.db.$transaction(async (tx) => {
    const locked = await tx.$executeRaw`
      select from channel where team_id = ${caller.teamId} and id = ${channelId} and disconnected_at is null for update`;
    if (locked === 0) throw notLinked();
    await change(tx);
    await recordActivity(
      { db: tx },
      { caller, action: 'channel.slots_changed', target: channelId, result: 'ok' },
    );
  });
}

function assertWeekdays(weekdays: readonly number[]): void {
  if (weekdays.length > 0 && weekdays.every((weekday) => EVERY_DAY.includes(weekday))) return;
  throw invalidInput({ code: 'invalid_weekday', field: 'weekday', message: 'Choose a day of the week.' });
}

function assertTime(localTime: string): void {
  if (TIME.test(localTime)) return;
  throw invalidInput({
    code: 'invalid_slot_time',
    field: 'time',
    message: 'This is no time of the day. It looks like 09:30.',
  });
}

async function assertNotTooMany(tx: Transaction, channelId: string): Promise<void> {
  const days = await tx.queueSlot.groupBy({ by: ['weekday'], where: { channelId }, _count: true });
  if (days.every(({ _count }) => _count <= MAX_SLOTS_A_DAY)) return;
  throw invalidInput({
    code: 'too_many_slots',
    field: 'time',
    limit: MAX_SLOTS_A_DAY,
    message: `A day takes ${MAX_SLOTS_A_DAY} slots at most. Remove one first.`,
  });
}

function notLinked() {
  return notFound({
    code: 'not_found',
    field: 'channel_id',
    message: 'This channel is not linked to the team.',
  });
}

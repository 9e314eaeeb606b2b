import type { Transaction } from '../database/client.ts';
import { readWeeklySlots } from './read-weekly-slots.ts';
import { slotTimes, type WeeklySlot } from './slot-times.ts';

export interface SlotSearch {
  teamId: string;
  /** Of one team; the first that has slots has the last word where no slot suits all. */
  channelIds: readonly string[];
  /** The team's. */
  timeZone: string;
  /** Slots after it. */
  from: Date;
  count: number;
  /** Its own deliveries take no slot from it. */
  exceptPostId?: string | undefined;
}

export interface FreeSlots {
  /** Ascending; fewer than asked for when there are no more within 60 days. */
  slots: Date[];
  /** The channel whose slots these are; null: they are slots of every channel, free on all of them. */
  onlyOfChannelId: string | null;
}

/** Most searches end within the first; PostgreSQL looks at every candidate. */
const HORIZONS_DAYS = [14, 60];

/**
 * The next queue slots that all channels have and on which none of them has a post within 5 minutes; where there is none,
 * those of the first channel that has any.
 */
export async function findFreeSlots(
  db: Pick<Transaction, '$queryRaw'>,
  search: SlotSearch,
): Promise<FreeSlots> {
  const weekly = await readWeeklySlots(db, search);
  let found: FreeSlots = { slots: [], onlyOfChannelId: null };
  for (const days of HORIZONS_DAYS) {
    found = chooseSlots(search.channelIds, await findFree(db, search, toCandidates(search, weekly, days)));
    if (found.onlyOfChannelId === null && found.slots.length >= search.count) break;
  }
  return { ...found, slots: found.slots.slice(0, search.count) };
}

interface Candidate {
  channelId: string;
  at: Date;
}

/** Channels often keep the same week, so each week is worked out once. */
function toCandidates(
  { timeZone, from }: SlotSearch,
  weekly: ReadonlyMap<string, WeeklySlot[]>,
  days: number,
): Candidate[] {
  const known = new Map<string, Date[]>();
  return [...weekly].flatMap(([channelId, slots]) => {
    const week = slots.map(({ weekday, localTime }) => `${weekday} ${localTime}`).join();
    const times = known.get(week) ?? [...slotTimes(slots, timeZone, { from, days })];
    known.set(week, times);
    return times.map((at) => ({ channelId, at }));
  });
}

/**
 * What waits or has gone out takes its place; so does what is held, because it may go out at its time after all. One look into
 * an index for each candidate: as `not exists` it would be answered from a list of all that the team ever had.
 */
export async function findFree(
  db: Pick<Transaction, '$queryRaw'>,
  { teamId, exceptPostId }: SlotSearch,
  candidates: readonly Candidate[],
): Promise<Candidate[]> {
  if (candidates.length === 0) return [];
  return db.$queryRaw<Candidate[]>`
    select s.channel_id as "channelId", s.at
    from unnest(${candidates.map(({ channelId }) => channelId)}::text[],
      ${candidates.map(({ at }) => at)}::timestamptz[]) as s (channel_id, at)
    where (
      select d.id from delivery d
      where d.team_id = ${teamId} and d.channel_id = s.channel_id and d.post_id is distinct from ${exceptPostId ?? null}
        and d.state in ('awaiting_approval', 'scheduled', 'held', 'claimed', 'prepared', 'sending', 'unknown',
          'needs_attention', 'published')
        and coalesce(d.published_at, d.due_at) between s.at - interval '5 minutes' and s.at + interval '5 minutes'
      limit 1) is null
    order by s.at`;
}

function chooseSlots(channelIds: readonly string[], free: readonly Candidate[]): FreeSlots {
  const channelsByTime = Map.groupBy(free, ({ at }) => at.getTime());
  const shared = [...channelsByTime].filter(([, on]) => on.length === channelIds.length);
  if (shared.length > 0) return { slots: shared.map(([ms]) => new Date(ms)), onlyOfChannelId: null };
  const onlyOfChannelId = channelIds.find((id) => free.some(({ channelId }) => channelId === id)) ?? null;
  const slots = free.filter(({ channelId }) => channelId === onlyOfChannelId).map(({ at }) => at);
  return { slots, onlyOfChannelId };
}

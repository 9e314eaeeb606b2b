import { Temporal } from 'temporal-polyfill';

import { invalidInput } from '../errors.ts';
import { readWallTime } from '../scheduling/wall-time.ts';

/** When a post goes out, as a person chose it: the instant, and the wall time in an IANA zone that it was chosen in. */
export interface PostTime {
  at: Date;
  timeZone: string;
  /** Wall time without offset: 2026-12-01T09:00:00. */
  wallTime: string;
  /** Clocks go back over the wall time, so it occurs twice: `at` is the first, this is the second. */
  secondAt: Date | null;
}

const DATE_AND_TIME = String.raw`\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?`;
const WITH_OFFSET = new RegExp(`^${DATE_AND_TIME}(?:[Zz]|[+-]\\d{2}:\\d{2})$`);
const WALL_TIME = new RegExp(`^${DATE_AND_TIME}$`);

/**
 * Reads RFC 3339 with an offset, or a wall time without one in `timeZone`. Whether it has passed is PostgreSQL's to say.
 * @throws AppError InvalidInput: `invalid_time`, `invalid_time_zone`, or `nonexistent_time` when clocks go forward over it
 */
export function readPostTime(at: string, timeZone: string): PostTime {
  const zone = canonicalTimeZone(timeZone);
  const text = at.trim();
  if (WITH_OFFSET.test(text)) return toPostTime(toDate(parseInstant(text), 'at'), zone);
  if (!WALL_TIME.test(text)) throw invalidTime('at');
  const reading = readWallTime(parseWallTime(text), zone);
  if (reading.occurs === 'never') throw nonexistentTime(zone, reading.next);
  const secondAt = reading.occurs === 'twice' ? toDate(reading.secondAt, 'at') : null;
  return { ...toPostTime(toDate(reading.at, 'at'), zone), secondAt };
}

/** An instant as the time of a post, told in a zone. */
export function toPostTime(at: Date, timeZone: string): PostTime {
  return { at, timeZone, wallTime: toWallTime(at, timeZone), secondAt: null };
}

/**
 * The edge of a time window: as `readPostTime`, or a date, which is its first moment in the zone.
 * @param field the input at fault, for the error
 * @throws AppError InvalidInput (`invalid_time`)
 */
export function readMoment(text: string, timeZone: string, field: string): Date {
  try {
    const instant = WITH_OFFSET.test(text)
      ? Temporal.Instant.from(text)
      : WALL_TIME.test(text)
        ? Temporal.PlainDateTime.from(text, { overflow: 'reject' }).toZonedDateTime(timeZone).toInstant()
        : Temporal.PlainDate.from(text, { overflow: 'reject' }).toZonedDateTime(timeZone).toInstant();
    return toDate(instant, field);
  } catch {
    throw invalidTime(field);
  }
}

/**
 * @returns the zone in the letter case of the IANA database; a name that has become an alias stays what it was
 * @throws AppError InvalidInput (`invalid_time_zone`), also for a mere offset: it does not know summer time
 */
export function canonicalTimeZone(timeZone: string): string {
  try {
    const zone = new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
    if (/^[A-Za-z]/.test(timeZone)) return zone.toLowerCase() === timeZone.toLowerCase() ? zone : timeZone;
  } catch {
    // Not a zone; refused below.
  }
  throw invalidInput({
    code: 'invalid_time_zone',
    field: 'time_zone',
    message:
      'This is no IANA time zone. Give a name such as Europe/Berlin, or leave it out to use the zone of the team.',
  });
}

/** The wall time of an instant in a zone, for a row: 2026-12-01T09:00:00. */
export function toWallTime(at: Date, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDateTime()
    .toString({ smallestUnit: 'second' });
}

/** PostgreSQL knows no year 0, into which a zone can carry the first day of year 1; RFC 3339 ends with the year 9999. */
function toDate({ epochMilliseconds }: { epochMilliseconds: number }, field: string): Date {
  const at = new Date(epochMilliseconds);
  if (!(at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9999)) throw invalidTime(field);
  return at;
}

function parseInstant(text: string): Temporal.Instant {
  try {
    return Temporal.Instant.from(text);
  } catch {
    throw invalidTime('at');
  }
}

function parseWallTime(text: string): Temporal.PlainDateTime {
  try {
    return Temporal.PlainDateTime.from(text, { overflow: 'reject' });
  } catch {
    throw invalidTime('at');
  }
}

function invalidTime(field: string) {
  return invalidInput({
    code: 'invalid_time',
    field,
    message:
      'This is no time that can be read. Give RFC 3339 with an offset (2026-12-01T09:00:00+01:00), or a wall time without one (2026-12-01T09:00) that is read in the time zone.',
  });
}

function nonexistentTime(zone: string, next: Temporal.ZonedDateTime) {
  const shown = next.toString({ timeZoneName: 'never', smallestUnit: 'second' });
  return invalidInput({
    code: 'nonexistent_time',
    field: 'at',
    message: `Clocks in ${zone} go forward over this time, so it does not exist. The next time that does is ${shown}.`,
    nextStep: `Call again with ${shown}, or ask the person for another time.`,
  });
}

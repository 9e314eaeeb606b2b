import { Temporal } from 'temporal-polyfill';

import { invalidInput } from '../errors.ts';

/** When a post goes out, as a person chose it: the instant, and the wall time in an IANA zone that it was chosen in. */
export interface PostTime {
  at: Date;
  timeZone: string;
  /** Wall time without offset: 2026-12-01T09:00:00. */
  wallTime: string;
  /** The wall time occurs twice (clocks go back) and the first was taken. */
  isAmbiguous: boolean;
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
  if (WITH_OFFSET.test(text)) return inZone(parseInstant(text), zone, false);
  if (WALL_TIME.test(text)) return readWallTime(text, zone);
  throw invalidTime('at');
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
    return new Date(instant.epochMilliseconds);
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

function readWallTime(text: string, zone: string): PostTime {
  const wallTime = parseWallTime(text);
  const earlier = wallTime.toZonedDateTime(zone, { disambiguation: 'earlier' });
  const later = wallTime.toZonedDateTime(zone, { disambiguation: 'later' });
  const exists = earlier.toPlainDateTime().equals(wallTime);
  if (!exists) throw nonexistentTime(zone, earlier);
  return inZone(earlier.toInstant(), zone, !earlier.equals(later));
}

function inZone(instant: Temporal.Instant, timeZone: string, isAmbiguous: boolean): PostTime {
  const at = new Date(instant.epochMilliseconds);
  return { at, timeZone, wallTime: toWallTime(at, timeZone), isAmbiguous };
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

/** Clocks go forward over the wall time; the first moment after the gap is the next one that exists. */
function nonexistentTime(zone: string, beforeGap: Temporal.ZonedDateTime) {
  const next = beforeGap.getTimeZoneTransition('next') ?? beforeGap;
  return invalidInput({
    code: 'nonexistent_time',
    field: 'at',
    message: `Clocks in ${zone} go forward over this time, so it does not exist. The next time that does is ${next.toString({ timeZoneName: 'never', smallestUnit: 'second' })}.`,
  });
}

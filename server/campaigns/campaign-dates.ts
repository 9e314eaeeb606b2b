import { invalidInput } from '../errors.ts';

/** A calendar date (2026-12-01) as it is stored: midnight UTC. What is absent stays absent, null stays null. */
export function toDate(date: string | null | undefined): Date | null | undefined {
  return typeof date === 'string' ? new Date(date) : date;
}

/** A stored date as a calendar date. */
export function fromDate(date: Date | null): string | null {
  return date && date.toISOString().slice(0, 10);
}

/** @throws AppError InvalidInput (`invalid_time`, `dates_reversed`) */
export function assertDates({
  startsOn,
  endsOn,
}: {
  startsOn?: Date | null | undefined;
  endsOn?: Date | null | undefined;
}): void {
  assertKnownYear(startsOn, 'starts_on');
  assertKnownYear(endsOn, 'ends_on');
  if (!startsOn || !endsOn || startsOn <= endsOn) return;
  throw invalidInput({
    code: 'dates_reversed',
    field: 'ends_on',
    message: 'The campaign ends before it starts. Give an ends_on that is not before starts_on.',
  });
}

/** PostgreSQL knows no year 0. */
function assertKnownYear(date: Date | null | undefined, field: string): void {
  if (!date || date.getUTCFullYear() >= 1) return;
  throw invalidInput({
    code: 'invalid_time',
    field,
    message: 'This date lies before the year 1. Give one such as 2026-12-01.',
  });
}

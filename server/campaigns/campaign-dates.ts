import { invalidInput } from '../errors.ts';

/** A calendar date (2026-12-01) as it is stored: midnight UTC. What is absent stays absent, null stays null. */
export function toDate(date: string | null | undefined): Date | null | undefined {
  return typeof date === 'string' ? new Date(date) : date;
}

/** A stored date as a calendar date. */
export function fromDate(date: Date | null): string | null {
  return date && date.toISOString().slice(0, 10);
}

/** @throws AppError InvalidInput (`dates_reversed`) */
export function assertDatesInOrder({
  startsOn,
  endsOn,
}: {
  startsOn?: Date | null | undefined;
  endsOn?: Date | null | undefined;
}): void {
  if (!startsOn || !endsOn || startsOn <= endsOn) return;
  throw invalidInput({
    code: 'dates_reversed',
    field: 'ends_on',
    message: 'The campaign ends before it starts. Give an ends_on that is not before starts_on.',
  });
}

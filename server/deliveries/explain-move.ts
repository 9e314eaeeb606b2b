import { Temporal } from 'temporal-polyfill';

import type { AppError } from '../errors.ts';
import { readWallTime } from '../scheduling/wall-time.ts';

export interface MoveProblem {
  /** Which part of the form is at fault. */
  field: 'time' | null;
  message: string;
  /** The nearest wall time that works, 2027-03-28T03:00. */
  nextWallTime: string | null;
}

/** Why a post cannot go to a wall time, for the person who chose it there. */
export function explainMove(error: AppError, wallTime: string, timeZone: string): MoveProblem {
  const { code, field } = error.details;
  if (code === 'stale_revision') {
    return toProblem('Somebody changed the post meanwhile. Look at what it says now, then move it.');
  }
  if (code === 'nonexistent_time') {
    const reading = readWallTime(Temporal.PlainDateTime.from(wallTime), timeZone);
    if (reading.occurs === 'never') {
      const nextWallTime = reading.next.toPlainDateTime().toString({ smallestUnit: 'minute' });
      const message = `The clocks in ${timeZone} go forward over ${wallTime.slice(11, 16)} on that day, so this time does not exist. The next one that does is ${nextWallTime.slice(11)}.`;
      return { field: 'time', message, nextWallTime };
    }
  }
  if (code === 'invalid_time' || code === 'no_time') {
    return { ...toProblem('Give a date and a time, such as 09:30.'), field: 'time' };
  }
  return { ...toProblem(error.message), field: field === 'at' ? 'time' : null };
}

function toProblem(message: string): MoveProblem {
  return { field: null, message, nextWallTime: null };
}

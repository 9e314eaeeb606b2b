import type { ClientHistory } from './client-history.ts';
import { diagnosePaths } from './diagnose-paths.ts';
import { diagnoseQuirks } from './diagnose-quirks.ts';
import { diagnoseSchedule } from './diagnose-schedule.ts';
import { diagnoseTokens } from './diagnose-tokens.ts';
import type { Diagnosis } from './diagnosis.ts';
import { findExamination } from './examination.ts';

const GRAVITY = { problem: 0, warning: 1, note: 2 } as const;

/** What is wrong with a client, the worst first; nothing when nothing is. Judges only what it is given. */
export function diagnoseClient(history: ClientHistory): Diagnosis[] {
  const examination = findExamination(history);
  if (examination) return [examination];
  const found = [
    ...diagnoseTokens(history),
    ...diagnosePaths(history),
    ...diagnoseSchedule(history),
    ...diagnoseQuirks(history),
  ];
  return found.toSorted((a, b) => GRAVITY[a.tone] - GRAVITY[b.tone]);
}

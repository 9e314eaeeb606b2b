import type { ContractRun } from './contract-run.ts';
import type { ContractTraits } from './contract-traits.ts';

/** What the suite is about; every network has something to show for each. */
export const CASE_IDS = [
  'guarantee',
  'text',
  'one picture',
  'four pictures',
  'thread',
  'too long',
  'same text again',
  'deleting twice',
  'token runs out',
  'permission taken back',
  'numbers',
  'too many calls',
  'taken, then cut off',
  'taken, then 502',
  'taken, other answers',
  'not taken',
  'slow answer',
  'reads that lag',
] as const;
export type CaseId = (typeof CASE_IDS)[number];

export interface ContractCase {
  id: CaseId;
  /** The test's name. */
  fact: string;
  check(run: ContractRun): Promise<void>;
  /** Why it is shown in another way than elsewhere. */
  because?: string;
}

export type ListCases = (traits: ContractTraits) => readonly ContractCase[];

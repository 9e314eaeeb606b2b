/** The five ways in which connecting fails most often. */
export type FailureMode =
  'token_missing' | 'not_refreshed' | 'wrong_path' | 'schedule_stopped' | 'client_quirk';

/** What was found, for somebody who does not know OAuth. */
export interface Diagnosis {
  mode: FailureMode;
  /** Stable, names the rule that found it. */
  code: string;
  /** problem: it does not work. warning: it works, and may stop. note: good to know. */
  tone: 'problem' | 'warning' | 'note';
  title: string;
  /** What was seen, each with its latest time. */
  seen: { text: string; at: Date }[];
  meaning: string;
  todo: string;
  /** Where to do it: a connection whose page has the way. */
  connectionId?: string | undefined;
}

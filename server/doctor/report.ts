export interface Finding {
  /** Which part of the way a client goes: metadata, challenge, tokens. */
  area: string;
  /** What must hold, as a fact. */
  what: string;
  state: 'ok' | 'warn' | 'fail';
  /** What was seen instead. */
  problem?: string;
  /** What to do about it. */
  advice?: string;
}

export interface Check {
  area: string;
  what: string;
  /** Null: it holds. */
  problem: string | null;
  advice: string;
  /** A warning is for what some clients need; a failure keeps clients out or lets somebody in. */
  severity?: 'warn' | 'fail';
}

export interface Report {
  findings: readonly Finding[];
  check(check: Check): void;
  /** Runs checks that belong together; an answer that never comes is a finding too. */
  examine(area: string, checks: () => Promise<void>): Promise<void>;
}

export function openReport(): Report {
  const findings: Finding[] = [];
  return {
    findings,
    check({ area, what, problem, advice, severity = 'fail' }) {
      findings.push(
        problem === null
          ? { area, what, state: 'ok' }
          : { area, what, state: severity, problem: problem.slice(0, 300), advice },
      );
    },
    async examine(area, checks) {
      try {
        await checks();
      } catch (error) {
        const problem = describeError(error).slice(0, 300);
        const advice = 'See that the server answers here and that nothing in between cuts the connection.';
        findings.push({ area, what: 'could be checked to its end', state: 'fail', problem, advice });
      }
    },
  };
}

/** Of a failed request the reason lies in the cause. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** The table for people, with a sum as its last line. */
export function renderReport(findings: readonly Finding[]): string {
  const lines: string[] = [];
  for (const [area, ofArea] of Map.groupBy(findings, (finding) => finding.area)) {
    lines.push('', area);
    for (const { state, what, problem, advice } of ofArea) {
      lines.push(`  ${state.padEnd(4)}  ${what}`);
      if (problem) lines.push(`        seen: ${problem}`);
      if (advice) lines.push(`        do:   ${advice}`);
    }
  }
  const count = (state: Finding['state']) => findings.filter((finding) => finding.state === state).length;
  lines.push('', `${count('ok')} ok, ${count('warn')} warnings, ${count('fail')} failures`);
  return lines.join('\n');
}

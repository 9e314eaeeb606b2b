import type { CaptionProblem } from '../posts/check-caption.ts';

/** A broken rule as the tools tell it. */
export function toProblem({ ruleId, severity, limit, actual, fix }: CaptionProblem) {
  return {
    rule_id: ruleId,
    limit,
    actual,
    fix,
    ...(severity === 'warning' && { warning: true as const }),
  };
}

import { AppError } from '../server/errors.ts';
import type { RateLimit } from '../server/deliveries/pause-channels-sql.ts';
import { problem, type Problem } from '../server/deliveries/problems.ts';
import { isOutOfReach } from '../server/networks/call-failure.ts';
import { NetworkError } from '../server/networks/network-error.ts';

const MAX_RETRIES = 5;
const FIRST_PAUSE_SECONDS = 5;
const LONGEST_PAUSE_SECONDS = 600;
const LONGEST_RATE_LIMIT_SECONDS = 86_400;

export interface Judgement {
  /** again: surely not taken, try again. unclear: read back. duplicate: so too, if we may have sent it. The others end it. */
  verdict: 'again' | 'unclear' | 'duplicate' | 'failed' | 'held';
  waitSeconds: number;
  isCounted: boolean;
  /** Nothing more goes to the channel, or to any of the network, before this is over. */
  rateLimit?: RateLimit;
  problem?: Problem;
}

export interface FailureSituation {
  retryCount: number;
  quarantineSeconds: number;
  /** New credentials were got for this very failure. */
  isRefreshed: boolean;
}

/** What a failed call means for the delivery: the only place where kinds of network errors become states. */
export function judgeFailure(error: NetworkError, situation: FailureSituation): Judgement {
  switch (error.kind) {
    case 'not_sent':
      return situation.retryCount >= MAX_RETRIES
        ? ending('failed', endOf(error))
        : again(pauseSeconds(situation.retryCount), true, {
            code: endOf(error).code,
            message: error.message,
          });
    case 'rate_limited': {
      const rateLimit = rateLimitOf(error)!;
      const why = { code: 'rate_limited', message: error.message };
      return { ...again(rateLimit.seconds, false, why), rateLimit };
    }
    case 'auth_expired':
      return situation.isRefreshed ? again(0, false) : ending('held', problem('channel_needs_reconnect'));
    case 'blocked':
      return ending('held', problem('channel_blocked'));
    case 'rejected':
      return ending('failed', { code: ruleOf(error.code, 'refused'), message: error.message });
    case 'duplicate':
      return { verdict: 'duplicate', waitSeconds: 0, isCounted: false };
    case 'ambiguous':
      return { verdict: 'unclear', waitSeconds: situation.quarantineSeconds, isCounted: false };
  }
}

/** Doubles with each try, a fifth of it by chance, so that many that failed together do not come back together. */
export function pauseSeconds(tries: number): number {
  const pause = Math.min(FIRST_PAUSE_SECONDS * 2 ** tries, LONGEST_PAUSE_SECONDS);
  return pause * (0.9 + Math.random() * 0.2);
}

/** How long the network takes no more; undefined when the error is no rate limit. A time that it did not tell is a minute. */
export function rateLimitOf({ kind, until, binds }: NetworkError): RateLimit | undefined {
  if (kind !== 'rate_limited') return undefined;
  const seconds = until ? (until.getTime() - Date.now()) / 1000 : 60;
  return { seconds: Math.min(Math.max(seconds, 1), LONGEST_RATE_LIMIT_SECONDS), binds };
}

/**
 * What it was that never came to be sent: the connector knows (pictures that never got ready), or our own side (a file of a
 * picture). An unclear answer to a call that publishes nothing tells no more than none.
 */
function endOf({ cause, code, message }: NetworkError): Problem {
  if (cause instanceof AppError) return { code, message };
  if (isOutOfReach(code) || cause instanceof NetworkError) return problem('network_unreachable');
  const end = `${message} No try came any further. Schedule the post again.`;
  return { code: ruleOf(code, 'network_unreachable'), message: end };
}

/** Our own rules have names; a network's code stays in the evidence. */
function ruleOf(code: string, otherwise: 'refused' | 'network_unreachable'): string {
  return /^[a-z]+(_[a-z]+)+$/.test(code) ? code : otherwise;
}

function again(waitSeconds: number, isCounted: boolean, why?: Problem): Judgement {
  return { verdict: 'again', waitSeconds, isCounted, ...(why && { problem: why }) };
}

function ending(verdict: 'failed' | 'held', why: Problem): Judgement {
  return { verdict, waitSeconds: 0, isCounted: false, problem: why };
}

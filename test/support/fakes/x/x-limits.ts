// Rate limits and prices: https://docs.x.com/x-api/fundamentals/rate-limits and /getting-started/pricing (checked 2026-11-21).
import type { FakeClock } from '../fake-server.ts';
import type { Operation } from './x-operations.ts';
import { creditsDepleted, tooManyRequests, usageCapped, XRefusal } from './x-problems.ts';
import type { XOperation } from './x-schemas.ts';

const WINDOW_SECONDS = 900;
const DAY_SECONDS = 86_400;
const POSTS_OF_APP_A_DAY = 10_000;

export type LimitKind = 'user' | 'user day' | 'app day';

interface Window {
  limit: number;
  used: number;
  resetAt: number;
}

/** In tenths of a US cent. */
const PRICES: Partial<Record<XOperation, number>> = { deletePost: 10, createMetadata: 5 };
const READ_PRICE = 5;

export interface FakeXLimits {
  /** Counts the call. The headers that the reply has in any case. @throws XRefusal 429 */
  count(operation: Operation, accountId: string, clock: FakeClock): Record<string, string>;
  /** @throws XRefusal 402 */
  charge(what: XOperation | 'createLinkPost' | 'createPlainPost', count?: number): void;
  /** The next call of this account is one too many, for so long. */
  exhaustNext(accountId: string, operation: XOperation, seconds: number, kind: LimitKind): void;
  capUsage(isCapped: boolean): void;
  setCredits(dollars: number): void;
  /** What was charged so far, in US dollars. */
  charged(): number;
}

export function keepXLimits(): FakeXLimits {
  const windows = new Map<string, Window>();
  const oneTooMany = new Map<string, { seconds: number; kind: LimitKind }[]>();
  let credits = Infinity;
  let charged = 0;
  let isCapped = false;

  const windowOf = (key: string, limit: number, seconds: number, clock: FakeClock): Window => {
    const now = Math.floor(clock.now().getTime() / 1000);
    const known = windows.get(key);
    if (known && known.resetAt > now) return known;
    const opened = { limit, used: 0, resetAt: now + seconds };
    windows.set(key, opened);
    return opened;
  };

  return {
    count(operation, accountId, clock) {
      const kinds: Record<LimitKind, Window> = {
        user: windowOf(`${accountId} ${operation.name}`, operation.limit, WINDOW_SECONDS, clock),
        'user day': windowOf(`${accountId} day`, POSTS_OF_APP_A_DAY, DAY_SECONDS, clock),
        'app day': windowOf('app day', POSTS_OF_APP_A_DAY, DAY_SECONDS, clock),
      };
      if (isCapped) throw withHeaders(usageCapped(), headersOf('x-rate-limit', kinds.user));
      const shown = { ...kinds };
      const refusal = oneTooMany.get(`${accountId} ${operation.name}`)?.shift();
      if (refusal) {
        const resetAt = Math.ceil(clock.now().getTime() / 1000) + refusal.seconds;
        const { limit } = kinds[refusal.kind];
        shown[refusal.kind] = { limit, used: limit, resetAt };
      }
      const isPosting = operation.name === 'createPost';
      const counted = Object.values(isPosting ? shown : { user: shown.user });
      const isTooMany = counted.some(({ used, limit }) => used >= limit);
      if (!isTooMany) for (const window of counted) window.used += 1;
      const headers = {
        ...headersOf('x-rate-limit', shown.user),
        ...(isPosting && {
          ...headersOf('x-user-limit-24hour', shown['user day']),
          ...headersOf('x-app-limit-24hour', shown['app day']),
        }),
      };
      if (isTooMany) throw withHeaders(tooManyRequests(), headers);
      return headers;
    },
    charge(what, count = 1) {
      const mills =
        what === 'createLinkPost'
          ? 200
          : what === 'createPlainPost'
            ? 15
            : (PRICES[what] ?? READ_PRICE * count);
      if (credits * 1000 < mills) throw creditsDepleted();
      credits -= mills / 1000;
      charged += mills / 1000;
    },
    exhaustNext(accountId, operation, seconds, kind) {
      const key = `${accountId} ${operation}`;
      oneTooMany.set(key, [...(oneTooMany.get(key) ?? []), { seconds, kind }]);
    },
    capUsage: (isNowCapped) => {
      isCapped = isNowCapped;
    },
    setCredits: (dollars) => {
      credits = dollars;
    },
    charged: () => charged,
  };
}

function headersOf(prefix: string, { limit, used, resetAt }: Window): Record<string, string> {
  return {
    [`${prefix}-limit`]: String(limit),
    [`${prefix}-remaining`]: String(Math.max(0, limit - used)),
    [`${prefix}-reset`]: String(resetAt),
  };
}

function withHeaders({ answer }: XRefusal, headers: Record<string, string>): XRefusal {
  return new XRefusal({ ...answer, headers: { ...answer.headers, ...headers } });
}

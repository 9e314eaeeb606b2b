// https://docs.joinmastodon.org/api/rate-limits/ (checked 2026-11-21)
import type { FakeAnswer, FakeClock, FakeRequest } from '../fake-server.ts';
import { refuse } from './mastodon-state.ts';

interface Window {
  name: string;
  matches(request: FakeRequest): boolean;
  most: number;
  seconds: number;
}

const WINDOWS: readonly Window[] = [
  { name: 'all', matches: () => true, most: 300, seconds: 300 },
  {
    name: 'media',
    matches: ({ method, path }) => method === 'POST' && /^\/api\/v\d\/media/.test(path),
    most: 30,
    seconds: 1800,
  },
  {
    name: 'delete',
    matches: ({ method, path }) => method === 'DELETE' && path.startsWith('/api/v1/statuses/'),
    most: 30,
    seconds: 1800,
  },
];

export interface RateLimits {
  /** Counts the request; the headers are those of the window that is nearest to its end. */
  take(
    request: FakeRequest,
    accountId: string,
  ): { headers: Record<string, string>; refusal: FakeAnswer | null };
}

export function keepRateLimits(clock: FakeClock): RateLimits {
  const counted = new Map<string, { count: number; resetAt: Date }>();
  return {
    take(request, accountId) {
      const now = clock.now();
      const windows = WINDOWS.filter(({ matches }) => matches(request)).map(({ name, most, seconds }) => {
        const id = `${accountId}:${name}`;
        const known = counted.get(id);
        const isOpen = known && known.resetAt > now;
        const resetAt = isOpen ? known.resetAt : new Date(now.getTime() + seconds * 1000);
        const count = (isOpen ? known.count : 0) + 1;
        counted.set(id, { count, resetAt });
        return { most, left: most - count, resetAt };
      });
      const nearest = windows.toSorted((a, b) => a.left - b.left)[0]!;
      const headers = limitHeaders(now, nearest.resetAt, nearest.most, nearest.left);
      return { headers, refusal: nearest.left < 0 ? { ...refuse(429, 'Too many requests'), headers } : null };
    },
  };
}

/** The reset is a time in ISO 8601; the Date header is that of the same clock. */
export function limitHeaders(now: Date, resetAt: Date, most = 300, left = 0): Record<string, string> {
  return {
    date: now.toUTCString(),
    'x-ratelimit-limit': String(most),
    'x-ratelimit-remaining': String(Math.max(left, 0)),
    'x-ratelimit-reset': resetAt.toISOString(),
  };
}

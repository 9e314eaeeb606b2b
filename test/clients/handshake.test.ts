import { describe, expect, it } from 'vitest';

import type { ClientStep } from '../../server/clients/client-history.ts';
import type { ConnectionFacts } from '../../server/clients/connection-facts.ts';
import { readHandshake } from '../../server/clients/handshake.ts';
import { foreseeSignIn } from '../../server/clients/sign-in-outlook.ts';

import { connection, historyOf, minutesAgo, nameless, NOW, SIGNED_IN, step } from './history.ts';

/** One letter for each stage: done, failed, waiting. */
function draw(steps: readonly ClientStep[], connections: ConnectionFacts[] = []): string {
  return readHandshake(historyOf(steps, connections))
    .map(({ state }) => state[0])
    .join('');
}

describe('the picture of a handshake', () => {
  const unused = connection({ firstUsedAt: null, lastUsedAt: null });
  it.each([
    { what: 'that did not find the server', steps: [nameless('wrong_path', 1)], drawn: 'fwwwwww' },
    { what: 'that only looked', steps: [nameless('metadata_read', 1)], drawn: 'dwwwwww' },
    {
      what: 'that was refused registration',
      steps: [nameless('metadata_read', 2), nameless('registration_refused', 1)],
      drawn: 'dfwwwww',
    },
    {
      what: 'that was denied',
      steps: [step('registered', 3), step('consent_shown', 2), step('consent_denied', 1)],
      drawn: 'dddfwww',
    },
    {
      what: 'whose code was refused',
      steps: [...SIGNED_IN.slice(0, 5), step('token_refused', 59)],
      connections: [unused],
      drawn: 'ddddfww',
    },
    {
      what: 'whose renewing was refused',
      steps: [...SIGNED_IN, step('first_call', 59), step('token_refused', 3)],
      connections: [connection()],
      drawn: 'ddddddf',
    },
    { what: 'that was never used', steps: SIGNED_IN, connections: [unused], drawn: 'dddddww' },
    {
      what: 'without its header',
      steps: [...SIGNED_IN, nameless('bearer_missing', 59)],
      connections: [unused],
      drawn: 'dddddfw',
    },
    { what: 'that works', steps: SIGNED_IN, connections: [connection()], drawn: 'ddddddw' },
    {
      what: 'that refreshes',
      steps: [...SIGNED_IN, step('token_refreshed', 1)],
      connections: [connection()],
      drawn: 'ddddddd',
    },
    {
      what: 'of which all is forgotten but the connection',
      steps: [],
      connections: [connection()],
      drawn: 'ddddddw',
    },
    {
      what: 'that overcame a wrong path',
      steps: [nameless('wrong_path', 62), ...SIGNED_IN],
      connections: [connection()],
      drawn: 'ddddddw',
    },
    {
      what: 'that asks as every client does before it signs in',
      steps: [nameless('bearer_missing', 1), nameless('metadata_read', 1)],
      drawn: 'dwwwwww',
    },
  ])('$what', ({ steps, connections, drawn }) => {
    expect(draw(steps, connections)).toBe(drawn);
  });
});

describe('whether an editor must sign in again', () => {
  const inADay = new Date(NOW.getTime() + 86_400_000);
  const gone = { refreshUntil: null, accessUntil: null };
  it.each([
    { what: 'not while it can refresh', facts: {}, kind: 'goesOn', at: inADay },
    {
      what: 'not while its token is honoured',
      facts: { refreshUntil: null, accessUntil: inADay },
      kind: 'goesOn',
      at: inADay,
    },
    { what: 'yes when its tokens are gone', facts: gone, kind: 'mustAsk', at: null },
    {
      what: 'yes since its token ran out',
      facts: { refreshUntil: null, accessUntil: minutesAgo(5) },
      kind: 'mustAsk',
      at: minutesAgo(5),
    },
    {
      what: 'yes since an old token was used again',
      facts: gone,
      steps: [step('connection.refresh_replayed', 7)],
      kind: 'mustAsk',
      at: minutesAgo(7),
    },
    {
      what: 'perhaps when it was turned away after its last use',
      facts: { lastUsedAt: minutesAgo(30) },
      steps: [step('bearer_invalid', 5)],
      kind: 'mayAsk',
      at: null,
    },
    {
      what: 'perhaps when its token ran out and it never refreshed',
      facts: { accessUntil: minutesAgo(5), usedPastExpiryAt: minutesAgo(90) },
      kind: 'mayAsk',
      at: null,
    },
    {
      what: 'not when it was turned away and came back',
      facts: { lastUsedAt: minutesAgo(1) },
      steps: [step('bearer_expired', 5)],
      kind: 'goesOn',
      at: inADay,
    },
  ])('$what', ({ facts, steps = [], kind, at }) => {
    const subject = connection(facts);
    expect(foreseeSignIn(subject, historyOf(steps, [subject]))).toMatchObject({ kind, at });
  });
});

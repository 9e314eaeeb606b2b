import { describe, expect, it } from 'vitest';

import type { ClientStep } from '../../server/clients/client-history.ts';
import type { ConnectionFacts } from '../../server/clients/connection-facts.ts';
import { diagnoseClient } from '../../server/clients/diagnose.ts';
import { readHandshake } from '../../server/clients/handshake.ts';

import { connection, historyOf, minutesAgo, nameless, NOW, SIGNED_IN, step } from './history.ts';

const UNUSED = { firstUsedAt: null, lastUsedAt: null };
const HOUR_MS = 3_600_000;

interface Row {
  what: string;
  steps?: readonly ClientStep[];
  connections?: readonly Partial<ConnectionFacts>[];
  clientIdCount?: number;
  /** mode, code and tone of each finding, the gravest first. */
  found: string[];
}

function judge({ steps = [], connections = [{}], clientIdCount }: Row): string[] {
  const history = historyOf(
    [...SIGNED_IN, ...steps],
    connections.map((facts) => connection(facts)),
    clientIdCount,
  );
  return diagnoseClient(history).map(({ mode, code, tone }) => `${mode}: ${code} (${tone})`);
}

it('an examination by the doctor of the server is called that, whatever it tried', () => {
  const history = historyOf([
    step('registered', 9, { connectionId: null, userAgent: 'grantcast-doctor' }),
    step('authorize_refused', 8, { reason: 'invalid_request: code_challenge' }),
    step('token_refused', 7, { reason: 'invalid_grant: refresh token already used' }),
  ]);
  expect(diagnoseClient(history)).toMatchObject([
    { code: 'examination', tone: 'note', title: 'An examination by npm run doctor' },
  ]);
  expect(readHandshake(history).filter(({ state }) => state === 'failed')).toEqual([]);
});

describe('nothing is wrong with a client', () => {
  it.each<Row>([
    { what: 'that signed in and works', steps: [step('first_call', 59)], found: [] },
    { what: 'that refreshes', steps: [step('token_refreshed', 2)], found: [] },
    {
      what: 'that signed in a minute ago and has not called yet',
      steps: [step('token_issued', 1)],
      connections: [UNUSED],
      found: [],
    },
    {
      what: 'that was asked for a token before it signed in',
      connections: [{ ...UNUSED, firstUsedAt: minutesAgo(59), lastUsedAt: minutesAgo(58) }],
      found: [],
    },
    {
      what: 'that was told what permission is missing, and asked a person for it',
      steps: [step('scope_challenged', 5), step('scope_challenged', 4), step('consent_shown', 3)],
      found: [],
    },
    {
      what: 'that is turned away since its connection was revoked',
      steps: [step('token_refused', 3, { reason: 'invalid_grant: refresh token not found' })],
      connections: [{ state: 'revoked', revokedAt: minutesAgo(4) }],
      found: [],
    },
    { what: 'whose posts wait', connections: [{ waitingPosts: 3 }], found: [] },
    {
      what: 'whose connection was revoked, and nothing waits',
      connections: [{ state: 'revoked', revokedAt: minutesAgo(1) }],
      found: [],
    },
  ])('$what', (row) => {
    expect(judge(row)).toEqual(row.found);
  });
});

describe('a key that is not shown', () => {
  it.each<Row>([
    {
      what: 'is seen when the same program calls bare after it was given one',
      steps: [nameless('bearer_missing', 59)],
      connections: [UNUSED],
      found: ['token_missing: token_missing (problem)'],
    },
    {
      what: 'is seen when a new sign-in of a client that worked before does not help',
      steps: [step('token_issued', 5), nameless('bearer_missing', 4)],
      connections: [{ lastUsedAt: minutesAgo(30) }],
      found: ['token_missing: token_missing (problem)'],
    },
    {
      what: 'is not blamed on another program at the same address',
      steps: [nameless('bearer_missing', 59, { userAgent: 'Another/2.0' })],
      connections: [UNUSED],
      found: ['token_missing: token_unused (warning)'],
    },
    {
      what: 'is not blamed on the same program elsewhere',
      steps: [nameless('bearer_missing', 59, { address: '198.51.100.9' })],
      connections: [UNUSED],
      found: ['token_missing: token_unused (warning)'],
    },
    {
      what: 'is told apart from one that was never used',
      connections: [UNUSED],
      found: ['token_missing: token_unused (warning)'],
    },
    {
      what: 'is over once a call came with it',
      steps: [nameless('bearer_missing', 59)],
      connections: [{ firstUsedAt: minutesAgo(58), lastUsedAt: minutesAgo(58) }],
      found: [],
    },
  ])('$what', (row) => {
    expect(judge(row)).toEqual(row.found);
  });
});

describe('a key that is not renewed', () => {
  it.each<Row>([
    {
      what: 'is a note while it is honoured',
      connections: [{ usedPastExpiryAt: minutesAgo(3) }],
      found: ['not_refreshed: never_refreshes (note)'],
    },
    {
      what: 'is a warning when it has ended',
      connections: [{ usedPastExpiryAt: minutesAgo(3), accessUntil: minutesAgo(1) }],
      found: ['not_refreshed: never_refreshes (warning)'],
    },
    {
      what: 'is over when it was renewed later',
      steps: [step('token_refreshed', 2)],
      connections: [{ usedPastExpiryAt: minutesAgo(3) }],
      found: [],
    },
    {
      what: 'is a problem once it was turned away',
      steps: [step('bearer_expired', 3)],
      connections: [{ lastUsedAt: minutesAgo(30), accessUntil: minutesAgo(4) }],
      found: ['not_refreshed: key_ran_out (problem)'],
    },
    {
      what: 'is no problem when the client renewed it upon that, as it should',
      steps: [step('bearer_expired', 3), step('token_refreshed', 3 - 1 / 60)],
      connections: [{ lastUsedAt: minutesAgo(30) }],
      found: [],
    },
    {
      what: 'is a problem when renewing was refused',
      steps: [step('token_refused', 3, { reason: 'invalid_grant: refresh token not found' })],
      found: ['not_refreshed: key_refused (problem)'],
    },
    {
      what: 'is one problem when an old one was used again, and refused for it',
      steps: [
        step('connection.refresh_replayed', 3),
        step('token_refused', 3, { reason: 'invalid_grant: refresh token already used' }),
      ],
      found: ['not_refreshed: signed_out_by_replay (problem)'],
    },
    {
      what: 'is settled by signing in again',
      steps: [step('connection.refresh_replayed', 3), step('token_issued', 2)],
      found: [],
    },
  ])('$what', (row) => {
    expect(judge(row)).toEqual(row.found);
  });
});

describe('a wrong place', () => {
  it.each<Row>([
    {
      what: 'is a problem when nothing came of it',
      steps: [nameless('wrong_path', 1, { reason: '/mcp/sse' })],
      found: ['wrong_path: wrong_path (problem)'],
    },
    {
      what: 'is a note when the client found the way afterwards',
      steps: [nameless('wrong_path', 62, { reason: '/.well-known/oauth-authorization-server/mcp' })],
      found: ['wrong_path: wrong_path (note)'],
    },
  ])('$what', (row) => {
    expect(judge(row)).toEqual(row.found);
  });

  it('is named, each once, with its latest time', () => {
    const steps = ['/sse', '/sse', '/mcp/v1'].map((reason, index) =>
      nameless('wrong_path', 3 - index, { reason }),
    );
    const [found] = diagnoseClient(historyOf(steps, []));
    expect(found!.seen).toEqual([
      { text: 'It asked for /sse, and nothing is there.', at: minutesAgo(2) },
      { text: 'It asked for /mcp/v1, and nothing is there.', at: minutesAgo(1) },
    ]);
  });
});

describe('scheduled posts that stopped', () => {
  it.each<Row>([
    {
      what: 'with their connection',
      connections: [
        { state: 'revoked', revokedAt: minutesAgo(2), heldPosts: 2, heldReasons: ['connection_revoked'] },
      ],
      found: ['schedule_stopped: posts_held (problem)'],
    },
    {
      what: 'because a stolen key may have scheduled them',
      connections: [{ suspectSince: minutesAgo(9), heldPosts: 1, heldReasons: ['connection_suspect'] }],
      found: ['schedule_stopped: posts_held (problem)'],
    },
  ])('$what', (row) => {
    expect(judge(row)).toEqual(row.found);
  });

  it('say why in words', () => {
    const facts = connection({ heldPosts: 2, heldReasons: ['role_lowered', 'channel_disconnected'] });
    const [found] = diagnoseClient(historyOf([], [facts]));
    expect(found!.title).toBe('2 scheduled posts are held');
    expect(found!.seen[0]!.text).toBe('Because the person who connected it may now only look.');
  });
});

describe('a quirk', () => {
  it.each<Row>([
    {
      what: 'of headers that disagree with the message',
      steps: [step('header_shim_used', 3)],
      found: ['client_quirk: mixed_protocols (note)'],
    },
    {
      what: 'of registering each time',
      clientIdCount: 3,
      found: ['client_quirk: registers_each_time (note)'],
    },
    { what: 'is none for a second registration', clientIdCount: 2, found: [] },
    {
      what: 'of not asking a person for what it is told to be missing',
      steps: [step('scope_challenged', 5)],
      found: ['client_quirk: asks_in_vain (note)'],
    },
    {
      what: 'of asking in vain again and again',
      steps: [step('scope_challenged', 5), step('scope_challenged', 3)],
      found: ['client_quirk: asks_in_vain (warning)'],
    },
    {
      what: 'of asking is over with a new yes',
      steps: [step('scope_challenged', 5), step('scope_challenged', 3), step('connection.created', 2)],
      found: [],
    },
    {
      what: 'of a registration that is not known here',
      steps: [step('authorize_refused', 3, { reason: 'invalid_client: client is invalid' })],
      found: ['client_quirk: forgotten_client (problem)'],
    },
    {
      what: 'of an answer wanted elsewhere',
      steps: [
        step('authorize_refused', 3, {
          reason:
            "invalid_redirect_uri: redirect_uri did not match any of the client's registered redirect_uris",
        }),
      ],
      found: ['client_quirk: redirect_mismatch (problem)'],
    },
    {
      what: 'of any other request that is not acceptable',
      steps: [step('authorize_refused', 3, { reason: 'invalid_request: PKCE is required' })],
      found: ['client_quirk: authorize_refused (problem)'],
    },
    {
      what: 'of a description that cannot be read',
      steps: [step('document_failed', 3, { reason: 'the host answered 403' })],
      found: ['client_quirk: document_failed (problem)'],
    },
    {
      what: 'of a description that could not be read and is not needed',
      steps: [step('document_failed', 3), step('token_refreshed', 2)],
      found: ['client_quirk: document_failed (note)'],
    },
    {
      what: 'of a registration that was refused',
      steps: [nameless('registration_refused', 3, { reason: 'redirect_uris must not use the scheme evil' })],
      found: ['client_quirk: registration_refused (problem)'],
    },
    {
      what: 'of a person who said no',
      steps: [step('consent_denied', 3)],
      found: ['client_quirk: denied (note)'],
    },
  ])('$what', (row) => {
    expect(judge(row)).toEqual(row.found);
  });
});

describe('every diagnosis', () => {
  const all = diagnoseClient(
    historyOf(
      [
        ...SIGNED_IN,
        step('consent_denied', 3),
        step('document_failed', 3),
        step('header_shim_used', 3),
        step('authorize_refused', 3, { reason: 'x' }),
        step('bearer_expired', 2),
        nameless('wrong_path', 1, { reason: '/x' }),
      ],
      [
        connection({ ...UNUSED, id: 'con_2', heldPosts: 1 }),
        connection({ usedPastExpiryAt: minutesAgo(9), lastUsedAt: minutesAgo(10) }),
      ],
      9,
    ),
  );

  it('says what was seen and when, what it means and what to do, in plain sentences', () => {
    expect(all.length).toBeGreaterThan(6);
    for (const one of all) {
      expect(one.seen.length, one.code).toBeGreaterThan(0);
      for (const { text, at } of one.seen) {
        expect(text, one.code).toMatch(/^[A-Z].*[.]$/);
        expect(NOW.getTime() - at.getTime(), one.code).toBeLessThan(2 * HOUR_MS);
      }
      for (const text of [one.meaning, one.todo]) expect(text, one.code).toMatch(/^[A-Z].*[.]$/);
      expect(`${one.title} ${one.meaning} ${one.todo}`, one.code).not.toMatch(
        /token|scope|OAuth|DCR|PKCE|grant/i,
      );
    }
  });

  it('comes with the gravest first', () => {
    const order = ['problem', 'warning', 'note'];
    const tones = all.map(({ tone }) => order.indexOf(tone));
    expect(tones).toEqual(tones.toSorted((a, b) => a - b));
  });
});

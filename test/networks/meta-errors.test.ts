import { describe, expect, test } from 'vitest';

import { explainMetaError } from '../../server/networks/meta-errors.ts';
import documented from '../support/fakes/meta/documented.json' with { type: 'json' };

const explain = (code: number, subcode?: number, headers: Record<string, string> = {}) => {
  const error = { message: 'x', type: 'OAuthException', code, ...(subcode && { error_subcode: subcode }) };
  return explainMetaError({ status: 400, headers: new Headers(headers), body: { error } }, 'Threads');
};

describe('what an error of Meta means', () => {
  test.each(Object.entries(documented.errors))('as documented: %s', (_, { kind, body }) => {
    expect(explainMetaError({ status: 400, headers: new Headers(), body }, 'Threads').kind).toBe(kind);
  });

  test.each([
    [190, undefined, 'auth_expired'],
    [190, 463, 'auth_expired'],
    [102, undefined, 'auth_expired'],
    [10, undefined, 'auth_expired'],
    [200, undefined, 'auth_expired'],
    [299, undefined, 'auth_expired'],
    [4, undefined, 'rate_limited'],
    [17, undefined, 'rate_limited'],
    [32, undefined, 'rate_limited'],
    [613, undefined, 'rate_limited'],
    [80_002, undefined, 'rate_limited'],
    [9, 2_207_042, 'rate_limited'],
    [368, undefined, 'blocked'],
    [1_390_008, undefined, 'blocked'],
    [25, 2_207_050, 'blocked'],
    [100, undefined, 'rejected'],
    [100, 2_207_028, 'rejected'],
    [36_003, 2_207_009, 'rejected'],
    [9004, 2_207_052, 'rejected'],
    [506, undefined, 'duplicate'],
    [9007, 2_207_027, 'not_sent'],
    [-2, 2_207_020, 'not_sent'],
    [24, 2_207_008, 'not_sent'],
  ] as const)('%i/%s: %s', (code, subcode, kind) => {
    expect(explain(code, subcode).kind).toBe(kind);
  });

  test.each([
    ['an unknown failure', 1, undefined],
    ['a service that is down', 2, undefined],
    ['a restricted activity, which has come for posts that were published', 4, 2_207_051],
    ['a server error of Instagram', -1, 2_207_001],
    ['a code that nobody listed', 424_242, undefined],
    ['a listed code with another subcode', 9, 1],
  ])('ambiguous: %s', (_, code, subcode) => {
    expect(explain(code, subcode).kind).toBe('ambiguous');
  });

  test.each([429, 500, 502, 503, 504, 200])('ambiguous: %i without a body that says it', (status) => {
    const error = explainMetaError({ status, headers: new Headers(), body: '<html>' }, 'Threads');
    expect([error.kind, error.code]).toEqual(['ambiguous', `http_${status}`]);
  });

  test('a throttled account waits for as long as the header estimates, in minutes, and ten without one', () => {
    const { name, value } = documented.usageHeader;
    const waits = (headers: Record<string, string>) =>
      Math.round((explain(80_002, undefined, headers).until!.getTime() - Date.now()) / 60_000);
    expect(waits({ [name]: JSON.stringify(value) })).toBe(19);
    expect(waits({})).toBe(10);
    expect(waits({ [name]: 'not json' })).toBe(10);
  });

  test('only the limit of the app binds every channel', () => {
    expect([explain(4).binds, explain(17).binds, explain(80_002).binds]).toEqual([
      'app',
      'channel',
      'channel',
    ]);
  });

  test('says nothing that the network wrote', () => {
    const body = { error: { code: 100, message: '<b>evil</b>', error_user_msg: '<b>evil</b>' } };
    expect(explainMetaError({ status: 400, headers: new Headers(), body }, 'Threads').message).not.toContain(
      'evil',
    );
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decide, type PolicyRequest } from '../../server/policy/decide.ts';
import { CONDITIONS, EFFECTS, type PolicyRule } from '../../server/policy/policy-rule.ts';
import { createPolicyTable } from '../../server/policy/policy-table.ts';
import { aCall, aPublishing, aRule } from './a-rule.ts';
import { askOracle } from './slow-oracle.ts';

const say = (rules: PolicyRule[], request: PolicyRequest) => {
  const { effect, rule } = decide(createPolicyTable(1, rules), request);
  return { effect, rule };
};

const oneOf = <T>(...values: T[]) => fc.constantFrom(...values);
const clock = fc
  .tuple(fc.nat(23), fc.nat(59))
  .map((time) => time.map((n) => `${n}`.padStart(2, '0')).join(':'));
const moment = fc.integer({ min: 0, max: 6 }).map((hour) => new Date(Date.UTC(2036, 11, 1, hour)));
const few = fc.nat(4);

const anyRule = fc
  .record({
    clientId: oneOf(null, null, 'client-1', 'client-2'),
    connectionId: oneOf(null, null, 'con_1', 'con_2'),
    tool: oneOf(null, null, 'schedule_post', 'create_post'),
    channelId: oneOf(null, null, 'chn_1', 'chn_2'),
    condition: oneOf(...CONDITIONS),
    effect: oneOf(...EFFECTS),
    postsPerDay: few,
    quietFrom: clock,
    quietTo: clock,
    afterAt: moment,
  })
  .map((rule) => aRule(rule));

const anyRequest: fc.Arbitrary<PolicyRequest> = fc.oneof(
  { weight: 1, arbitrary: oneOf('schedule_post', 'create_post').map(aCall) },
  {
    weight: 4,
    arbitrary: fc
      .record({
        clientId: oneOf('client-1', 'client-2'),
        connectionId: oneOf('con_1', 'con_2'),
        channelId: oneOf('chn_1', 'chn_2'),
        tool: oneOf(null, 'schedule_post', 'publish_post'),
        mayPublish: oneOf(true, true, false),
        isFirstUse: fc.boolean(),
        dueAt: moment,
        wallTime: clock,
        postsThatDay: fc.record({ connection: few, client: few, team: few }),
      })
      .map((request) => aPublishing(request)),
  },
);

test('the table and a slow reading of its description agree about 100,000 random requests', () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(fc.array(anyRule, { maxLength: 12 }), anyRequest, (rules, request) => {
      const said = say(rules, request);
      seen.set(said.effect, (seen.get(said.effect) ?? 0) + 1);
      expect(said).toEqual(askOracle(rules, request));
    }),
    { numRuns: 100_000 },
  );
  for (const effect of EFFECTS) expect(seen.get(effect)).toBeGreaterThan(5_000);
});

test('more rules that ask or deny never allow more', () => {
  fc.assert(
    fc.property(fc.array(anyRule, { maxLength: 8 }), anyRule, anyRequest, (rules, more, request) => {
      fc.pre(more.effect !== 'allow');
      const strictness = (all: PolicyRule[]) => EFFECTS.indexOf(say(all, request).effect);
      expect(strictness([...rules, more])).toBeGreaterThanOrEqual(strictness(rules));
    }),
    { numRuns: 10_000 },
  );
});

const LEVELS = { team: {}, client: { clientId: 'client-1' }, connection: { connectionId: 'con_1' } };
const PLACES = {
  any: {},
  tool: { tool: 'schedule_post' },
  channel: { channelId: 'chn_1' },
  both: { tool: 'schedule_post', channelId: 'chn_1' },
};
const RANKED = Object.entries(LEVELS).flatMap(([level, who]) =>
  Object.entries(PLACES).map(([place, where]) => ({
    name: `${level} ${place}`,
    about: { ...who, ...where },
    rank: Object.keys(LEVELS).indexOf(level) * 3 + (place === 'any' ? 0 : place === 'both' ? 2 : 1),
  })),
);

describe('permission matrix: what a rule says about a post, per level, place and effect', () => {
  test.each(RANKED)('$name', ({ about }) => {
    for (const effect of EFFECTS) {
      const rule = aRule({ ...about, effect });
      expect(say([rule], aPublishing())).toEqual({ effect, rule: rule.id });
      const others = [
        'clientId' in about && { clientId: 'client-2' },
        'connectionId' in about && { connectionId: 'con_2' },
        'tool' in about && { tool: 'publish_post' },
        'channelId' in about && { channelId: 'chn_2' },
      ].filter((other) => other !== false);
      for (const other of others)
        expect(say([rule], aPublishing(other))).toEqual({ effect: 'allow', rule: 'default.allow' });
    }
  });

  test.each(RANKED)('$name: an exception weakens what is less specific, and nothing else', (exception) => {
    for (const wide of RANKED) {
      for (const effect of ['ask', 'deny'] as const) {
        const rules = [aRule({ ...exception.about, effect: 'allow' }), aRule({ ...wide.about, effect })];
        const isWeakened = wide.rank < exception.rank;
        expect(say(rules, aPublishing()).effect).toBe(isWeakened ? 'allow' : effect);
      }
    }
  });

  test.each(RANKED)('$name: what is denied there no ask elsewhere weakens', ({ about }) => {
    for (const other of RANKED) {
      const deny = aRule({ ...about, effect: 'deny' });
      expect(say([deny, aRule({ ...other.about, effect: 'ask' })], aPublishing())).toEqual({
        effect: 'deny',
        rule: deny.id,
      });
    }
  });
});

describe('defaults', () => {
  test('what no rule speaks about is allowed', () => {
    expect(say([], aPublishing())).toEqual({ effect: 'allow', rule: 'default.allow' });
    expect(say([], aCall('create_post'))).toEqual({ effect: 'allow', rule: 'default.allow' });
  });

  test('a first post on a channel asks, unless a rule allows first posts there', () => {
    const first = aPublishing({ isFirstUse: true });
    expect(say([], first)).toEqual({ effect: 'ask', rule: 'default.first_use' });
    const allow = aRule({ condition: 'first_use', effect: 'allow', channelId: 'chn_1' });
    expect(say([allow], first)).toEqual({ effect: 'allow', rule: allow.id });
    expect(say([allow], { ...first, channelId: 'chn_2' }).rule).toBe('default.first_use');
    expect(say([aRule({ effect: 'allow' })], first).rule).toBe('default.first_use');
  });

  test('what a connection is allowed at its first posts lifts the default, and no rule', () => {
    const first = aPublishing({ isFirstUse: true });
    const names = { connectionId: 'con_1', channelId: 'chn_1' };
    const allow = aRule({ ...names, condition: 'first_use', effect: 'allow' });
    expect(say([allow], first)).toEqual({ effect: 'allow', rule: allow.id });
    for (const who of [{}, { clientId: 'client-1' }, { connectionId: 'con_1' }]) {
      const ask = aRule({ ...who, condition: 'first_use' });
      expect(say([allow, ask], first)).toEqual({ effect: 'ask', rule: ask.id });
    }
    const ask = aRule({ condition: 'first_use' });
    const exception = aRule({ clientId: 'client-1', condition: 'first_use', effect: 'allow' });
    expect(say([ask, exception], first)).toEqual({ effect: 'allow', rule: exception.id });
  });

  test('without posts:publish a person is asked, whatever a rule allows', () => {
    const unasked = [aRule({ effect: 'allow', connectionId: 'con_1' })];
    expect(say(unasked, aPublishing({ mayPublish: false }))).toEqual({
      effect: 'ask',
      rule: 'default.no_publish_scope',
    });
  });
});

describe('conditions', () => {
  test('a cap counts under what it is about, and speaks when it is reached', () => {
    const posts = { connection: 1, client: 2, team: 3 };
    const levels = [{ connectionId: 'con_1' }, { clientId: 'client-1' }, {}];
    levels.forEach((level, index) => {
      const cap = (postsPerDay: number) =>
        aRule({ ...level, condition: 'daily_cap', effect: 'deny', postsPerDay });
      expect(say([cap(index + 1)], aPublishing({ postsThatDay: posts })).effect).toBe('deny');
      expect(say([cap(index + 2)], aPublishing({ postsThatDay: posts })).effect).toBe('allow');
    });
  });

  test('the cap of a team holds for a connection that has a wider one of its own', () => {
    const caps = [
      aRule({ condition: 'daily_cap', effect: 'deny', postsPerDay: 3 }),
      aRule({ condition: 'daily_cap', effect: 'ask', postsPerDay: 10, connectionId: 'con_1' }),
    ];
    const after = (posts: number) =>
      say(caps, aPublishing({ postsThatDay: { connection: posts, client: posts, team: posts } })).effect;
    expect([2, 3, 9, 10, 11].map(after)).toEqual(['allow', 'deny', 'deny', 'deny', 'deny']);
  });

  test.each([
    ['22:00', '06:30', ['22:00', '23:59', '00:00', '06:29'], ['21:59', '06:30', '12:00']],
    ['12:00', '13:00', ['12:00', '12:59'], ['11:59', '13:00', '00:00']],
  ])('quiet from %s to %s', (quietFrom, quietTo, quiet, loud) => {
    const rule = aRule({ condition: 'quiet_hours', quietFrom, quietTo });
    for (const wallTime of quiet) expect(say([rule], aPublishing({ wallTime })).effect).toBe('ask');
    for (const wallTime of loud) expect(say([rule], aPublishing({ wallTime })).effect).toBe('allow');
  });

  test('from a time on', () => {
    const rule = aRule({ condition: 'after', afterAt: new Date('2036-12-01T12:00:00Z') });
    expect(say([rule], aPublishing()).effect).toBe('ask');
    expect(say([rule], aPublishing({ dueAt: new Date('2036-12-01T11:59:59.999Z') })).effect).toBe('allow');
  });
});

test('a tool that puts nothing on the calendar is the matter of rules that name it alone', () => {
  const everything = aRule({ effect: 'deny' });
  expect(say([everything], aCall('create_post')).effect).toBe('allow');
  const named = aRule({ effect: 'deny', tool: 'create_post', clientId: 'client-1' });
  expect(say([everything, named], aCall('create_post'))).toEqual({ effect: 'deny', rule: named.id });
  expect(say([named], aCall('get_post')).effect).toBe('allow');
});

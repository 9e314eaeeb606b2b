import fc from 'fast-check';
import { expect, test } from 'vitest';

import { AppError } from '../../server/errors.ts';
import { canonicalTimeZone, readMoment, readPostTime, toWallTime } from '../../server/posts/post-time.ts';

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error.details.code;
    throw error;
  }
  return 'ok';
}

test.each([
  ['2026-12-01T09:00:00+01:00', 'Europe/Berlin', '2026-12-01T08:00:00.000Z', '2026-12-01T09:00:00'],
  ['2026-12-01T09:00', 'Europe/Berlin', '2026-12-01T08:00:00.000Z', '2026-12-01T09:00:00'],
  ['2026-07-01T09:00', 'Europe/Berlin', '2026-07-01T07:00:00.000Z', '2026-07-01T09:00:00'],
  ['2026-12-01t08:00:00z', 'America/New_York', '2026-12-01T08:00:00.000Z', '2026-12-01T03:00:00'],
  ['2026-12-01 09:00', 'Asia/Kolkata', '2026-12-01T03:30:00.000Z', '2026-12-01T09:00:00'],
  ['2026-12-01T09:00:30.250Z', 'UTC', '2026-12-01T09:00:30.250Z', '2026-12-01T09:00:30'],
  ['2026-12-01T09:00', 'Pacific/Apia', '2026-11-30T20:00:00.000Z', '2026-12-01T09:00:00'],
])('%s in %s is %s', (at, zone, instant, wallTime) => {
  const time = readPostTime(at, zone);
  expect(time.at.toISOString()).toBe(instant);
  expect(time.wallTime).toBe(wallTime);
  expect(time.timeZone).toBe(zone);
});

test.each([
  ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T03:00:00+02:00'],
  ['America/New_York', '2026-03-08T02:00', '2026-03-08T03:00:00-04:00'],
  ['Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-04T02:30:00+11:00'],
  ['Pacific/Apia', '2011-12-30T12:00', '2011-12-31T00:00:00+14:00'],
])('a wall time that clocks go over in %s is refused with the next one', (zone, at, next) => {
  expect(codeOf(() => readPostTime(at, zone))).toBe('nonexistent_time');
  expect(() => readPostTime(at, zone)).toThrow(next);
  expect(codeOf(() => readPostTime(next, zone))).toBe('ok');
});

test('a wall time that occurs twice is the first one, and says so', () => {
  const time = readPostTime('2026-10-25T02:30', 'Europe/Berlin');
  expect(time.at.toISOString()).toBe('2026-10-25T00:30:00.000Z');
  expect(time.secondAt?.toISOString()).toBe('2026-10-25T01:30:00.000Z');
  const second = readPostTime('2026-10-25T02:30+01:00', 'Europe/Berlin');
  expect(second.at.toISOString()).toBe('2026-10-25T01:30:00.000Z');
  expect(second.secondAt).toBeNull();
});

test.each([
  '',
  'tomorrow',
  '2026-12-01',
  '2026-13-01T09:00',
  '2026-02-30T09:00',
  '2026-02-29T09:00Z',
  '2026-12-01T25:00',
  '2026-12-01T09:00+99:00',
  '2026-12-01T09:00:00+01:00[Europe/Berlin]',
  '20261201T0900',
  '-271821-04-20T00:00Z',
  '1796115600',
])('%j is no time', (at) => {
  expect(codeOf(() => readPostTime(at, 'Europe/Berlin'))).toBe('invalid_time');
});

test.each(['Mars/Base', '+01:00', '', 'Europe/Berlin; drop', '-08'])('%j is no time zone', (zone) => {
  expect(codeOf(() => readPostTime('2026-12-01T09:00', zone))).toBe('invalid_time_zone');
});

test('a time zone is spelled as the IANA database does', () => {
  expect(canonicalTimeZone('europe/berlin')).toBe('Europe/Berlin');
});

test('the edge of a window may be a date: its first moment in the zone', () => {
  expect(readMoment('2026-12-01', 'Europe/Berlin', 'from').toISOString()).toBe('2026-11-30T23:00:00.000Z');
  expect(readMoment('2026-09-06', 'America/Santiago', 'from').toISOString()).toBe('2026-09-06T04:00:00.000Z');
  expect(codeOf(() => readMoment('soon', 'UTC', 'from'))).toBe('invalid_time');
});

test('years 1 to 9999 are times, wherever a zone carries them', () => {
  expect(codeOf(() => readMoment('0001-01-01', 'UTC', 'from'))).toBe('ok');
  expect(codeOf(() => readMoment('9999-12-31', 'Europe/Berlin', 'to'))).toBe('ok');
  for (const [text, zone] of [
    ['0001-01-01', 'Europe/Berlin'],
    ['0000-06-01', 'UTC'],
    ['9999-12-31T23:00', 'America/New_York'],
  ] as const) {
    expect(codeOf(() => readMoment(text, zone, 'from'))).toBe('invalid_time');
  }
  expect(codeOf(() => readPostTime('0001-01-01T00:00+14:00', 'UTC'))).toBe('invalid_time');
  expect(codeOf(() => readPostTime('9999-12-31T23:00-05:00', 'UTC'))).toBe('invalid_time');
});

test('every wall time is either refused or comes back as it was given', () => {
  const zones = [
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'Africa/Casablanca',
  ];
  const anyMoment = fc.date({
    min: new Date('2024-01-01'),
    max: new Date('2032-01-01'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(anyMoment, fc.constantFrom(...zones), (moment, zone) => {
      const wallTime = moment.toISOString().slice(0, 19);
      if (codeOf(() => readPostTime(wallTime, zone)) === 'nonexistent_time') return;
      const time = readPostTime(wallTime, zone);
      expect(time.wallTime).toBe(wallTime);
      expect(toWallTime(time.at, zone)).toBe(wallTime);
    }),
    { numRuns: 2000 },
  );
});

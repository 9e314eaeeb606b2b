import { describe, expect, test } from 'vitest';

import { findCalendarRange } from '../../server/scheduling/calendar-range.ts';
import { findClockChanges } from '../../server/scheduling/clock-changes.ts';

describe('the days on which clocks change', () => {
  test.each([
    ['Europe/Berlin', { date: '2031-03-30', isForward: true, from: '02:00', to: '03:00' }, '2031-10-26'],
    ['America/New_York', { date: '2031-03-09', isForward: true, from: '02:00', to: '03:00' }, '2031-11-02'],
    // Half an hour, in the other half of the year.
    [
      'Australia/Lord_Howe',
      { date: '2031-04-06', isForward: false, from: '02:00', to: '01:30' },
      '2031-10-05',
    ],
    // In the first moment of a day.
    ['Africa/Cairo', { date: '2031-04-25', isForward: true, from: '00:00', to: '01:00' }, '2031-10-31'],
  ])('of %s are told with what the clocks show', (timeZone, first, second) => {
    const changes = findClockChanges(timeZone, '2031-01-01', '2032-01-01');
    expect(changes[0]).toEqual(first);
    expect(changes.map(({ date }) => date)).toEqual([first.date, second]);
    expect(findClockChanges(timeZone, first.date, '2031-05-01')).toHaveLength(1);
    expect(findClockChanges(timeZone, '2031-01-01', first.date)).toEqual([]);
  });

  test('are none where clocks stay, and where a zone is a mere offset', () => {
    for (const timeZone of ['Asia/Tokyo', 'UTC', 'Etc/GMT+5']) {
      expect(findClockChanges(timeZone, '2031-01-01', '2032-01-01')).toEqual([]);
    }
  });
});

describe('the days of a calendar', () => {
  const now = new Date('2031-03-15T23:30:00Z');
  const range = (view: 'month' | 'week' | 'agenda', date: string | undefined, timeZone = 'Europe/Berlin') =>
    findCalendarRange(view, date, { timeZone, now });

  test('begin today, as the zone has it', () => {
    expect(range('agenda', undefined)).toMatchObject({ anchor: '2031-03-16', today: '2031-03-16' });
    expect(range('agenda', undefined, 'America/New_York').today).toBe('2031-03-15');
  });

  test('are whole weeks from Monday, as long as a day is', () => {
    const march = range('month', '2031-03-20');
    expect(march).toMatchObject({ anchor: '2031-03-01', previous: '2031-02-01', next: '2031-04-01' });
    expect([march.days[0], march.days.at(-1), march.days.length]).toEqual(['2031-02-24', '2031-04-06', 42]);
    expect(march.from).toEqual(new Date('2031-02-23T23:00:00Z'));
    // Summer time began meanwhile.
    expect(march.to).toEqual(new Date('2031-04-06T22:00:00Z'));
    expect(range('week', '2031-03-30').days).toHaveLength(7);
    expect(range('month', '2031-01-31').next).toBe('2031-02-01');
  });

  test('reach as far as PostgreSQL can be asked, whatever is asked for', () => {
    for (const date of [
      '1970-01-01',
      '2199-12-31',
      '2199-12-32',
      '2200-01-01',
      '-000001-01-01',
      'today',
      '',
    ]) {
      const { from, to } = range('month', date);
      expect(from.getTime()).toBeLessThan(to.getTime());
      expect(to.getUTCFullYear()).toBeLessThan(2201);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { bytes, capital, count, date, dayAndTime, daysLeft, duration, moment, number, shortId } from './format';

describe('format', () => {
  it('groups thousands with a comma', () => {
    expect(number(12482)).toBe('12,482');
    expect(count(1, 'user')).toBe('1 user');
    expect(count(31, 'group')).toBe('31 groups');
  });

  it('tells a date without shifting it by the time zone', () => {
    expect(date('2027-05-19')).toBe('19 May 2027');
    expect(date('2027-01-01')).toBe('1 Jan 2027');
  });

  it('tells a day with its time', () => {
    expect(dayAndTime(new Date(2026, 10, 20, 14, 5).toISOString())).toBe('20 Nov 14:05');
  });

  it('tells a moment by how long ago it is', () => {
    const now = new Date(2026, 10, 20, 15, 0);
    expect(moment(new Date(2026, 10, 20, 8, 5).toISOString(), now)).toBe('today 08:05');
    expect(moment(new Date(2026, 10, 19, 23, 59).toISOString(), now)).toBe('yesterday 23:59');
    expect(moment(new Date(2026, 10, 18, 0, 1).toISOString(), now)).toBe('18 Nov');
    expect(moment(new Date(2025, 10, 20, 15, 0).toISOString(), now)).toBe('20 Nov 2025');
  });

  it('counts the days of a secret to its end and beyond', () => {
    expect(daysLeft(143)).toBe('143 days');
    expect(daysLeft(11, ' left')).toBe('11 days left');
    expect(daysLeft(0)).toBe('ends today');
    expect(daysLeft(-1)).toBe('ended 1 day ago');
  });

  it('never shows 60 seconds', () => {
    expect(duration(41)).toBe('41 ms');
    expect(duration(1440)).toBe('1.4 s');
    expect(duration(59_940)).toBe('59.9 s');
    expect(duration(59_990)).toBe('1 min 00 s');
    expect(duration(125_000)).toBe('2 min 05 s');
  });

  it('shortens GUIDs only', () => {
    expect(shortId('5e0b6f3a-71c9-4a8e-b2d4-09f7c3e18a62')).toBe('5e0b6f3a-…-09f7c3e18a62');
    expect(shortId('contoso.com')).toBe('contoso.com');
    expect(bytes(812)).toBe('812 bytes');
    expect(bytes(3412)).toBe('3.4 kB');
    expect(capital('broken')).toBe('Broken');
  });
});
